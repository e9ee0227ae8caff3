-- 100,000 listings of 2,000 publishers, made of words as often as words are used (Zipf); `pool` holds the words by rank.
-- %(listings)s, %(publishers)s, %(words)s: how many. The manifest of every version is that of an existing one.

CREATE FUNCTION pg_temp.said(number int, seed int) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(p.word, ' ') FROM (
        SELECT least(floor(power(%(words)s::float + 1, random())), %(words)s)::int AS n FROM generate_series(1, number + 0 * seed)
    ) drawn JOIN pool p USING (n)
$$;

INSERT INTO marketplace_publisher (id, created_at, updated_at, namespace, display_name, about, standing, verified_at)
SELECT gen_random_uuid(), now(), now(), 'maker-' || n, 'Maker ' || n, '', 'good', CASE WHEN n %% 4 = 0 THEN now() END
FROM generate_series(1, %(publishers)s) n;

CREATE TEMP TABLE made AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS version, n, 'listing-' || n AS slug,
    initcap(pg_temp.said(3, n)) AS title, left(pg_temp.said(10, n), 160) AS summary, pg_temp.said(40, n) AS description,
    (ARRAY['crew','agent','scenario','tool'])[1 + floor(4 * power(random(), 2))::int] AS kind,
    (ARRAY['business','research','writing','operations','software','education','social-science','other'])[1 + floor(8 * random())::int] AS category,
    (ARRAY['Apache-2.0','MIT','BSD-3-Clause','CC0-1.0','CC-BY-4.0','CC-BY-SA-4.0','proprietary'])[1 + floor(7 * power(random(), 2))::int] AS licence,
    (ARRAY['en','de','fr','es','ja'])[1 + floor(5 * power(random(), 3))::int] AS language,
    (ARRAY['nothing','model','documents','network'])[1 + floor(4 * random())::int] AS needs,
    1 + floor(3 * random())::int AS risk, random() < 0.5 AS offline, round((6 * power(random(), 3))::numeric, 2)::float AS usd,
    floor(power(5000, power(random(), 4))) - 1 AS workspaces, 1 + 4 * random() AS rating, now() - random() * interval '700 days' AS at
FROM generate_series(1, %(listings)s) n;

INSERT INTO marketplace_listing (id, created_at, updated_at, publisher_id, slug, kind, title, summary, description, category, tags, licence,
    visibility, offline, published_at, installs, rating_bayes, rating_count, active_tenants, health, forked_from_digest)
SELECT m.id, at, at, p.id, slug, kind, title, summary, description, category, ARRAY[category], licence, 'public', offline, NULL,
    workspaces, rating, 10, workspaces, (ARRAY['ok','ok','ok','unknown','degraded','failing'])[1 + floor(6 * random())::int], ''
FROM made m JOIN marketplace_publisher p ON p.namespace = 'maker-' || (1 + m.n %% %(publishers)s);

INSERT INTO marketplace_listingversion (id, created_at, updated_at, listing_id, semver, manifest, digest, size, changelog, risk, review_state,
    availability, availability_reason, health, visibility, submitted_at, published_at)
SELECT m.version, at, at, m.id, '1.0.0', v.manifest, v.digest, v.size, '', m.risk, 'published', 'available', '', 'unknown', 'public', at, at
FROM made m, (SELECT manifest, digest, size FROM marketplace_listingversion WHERE semver = '1.0.0' LIMIT 1) v;

UPDATE marketplace_listing l SET current_version_id = m.version, published_at = m.at FROM made m WHERE m.id = l.id;

INSERT INTO browsing_entry (listing_id, slug, title, name, names, words, traits, tags, usd, published_at, rating, workspaces, weight, trusted, usable)
SELECT id, slug, title, lower(title), to_tsvector('simple', title || ' ' || replace(slug, '-', ' ')),
    setweight(to_tsvector('english', title || ' ' || replace(slug, '-', ' ')), 'A') || setweight(to_tsvector('english', summary), 'B')
        || setweight(to_tsvector('english', category), 'C') || setweight(to_tsvector('english', description), 'D'),
    ARRAY['kind:' || kind, 'risk:' || (ARRAY['low','medium','high'])[risk], 'licence:' || licence, 'category:' || category,
        'language:' || language, 'needs:' || needs] || CASE WHEN offline THEN ARRAY['offline:yes'] ELSE '{}' END
        || ARRAY(SELECT 'cost:' || bound FROM unnest(ARRAY['0','0.1','0.5','1','5']) bound WHERE usd <= bound::float),
    ARRAY[category], usd, at, rating, workspaces, 0, false, true
FROM made;

INSERT INTO browsing_word (word, near) SELECT word, string_to_array(near, ' ') FROM pool ON CONFLICT DO NOTHING;

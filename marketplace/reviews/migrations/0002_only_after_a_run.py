from django.db import migrations

GUARD = """
CREATE FUNCTION public.reviews_review_is_earned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    house public.marketplace_publisher;
    mark text;
BEGIN
    SELECT p.* INTO STRICT house FROM public.marketplace_publisher p
        JOIN public.marketplace_listing l ON l.publisher_id = p.id WHERE l.id = NEW.listing_id;
    IF house.tenant_id = NEW.tenant_id
        OR EXISTS (SELECT 1 FROM public.tenants_membership m WHERE m.user_id = NEW.author_id AND m.tenant_id = house.tenant_id)
        OR EXISTS (SELECT 1 FROM public.marketplace_publishermember m WHERE m.user_id = NEW.author_id AND m.publisher_id = house.id) THEN
        RAISE EXCEPTION 'Nobody reviews what their own people offer.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_reviews_their_own';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM public.tenants_membership m WHERE m.user_id = NEW.author_id AND m.tenant_id = NEW.tenant_id) THEN
        RAISE EXCEPTION 'A review is written for a workspace that its author belongs to.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_review_is_of_a_member';
    END IF;
    SELECT v.digest INTO mark FROM public.marketplace_listingversion v
        WHERE v.id = NEW.version_id AND v.listing_id = NEW.listing_id AND v.published_at IS NOT NULL;
    IF mark IS NULL OR NOT EXISTS (
        SELECT 1 FROM public.provenance_runoutcome o
        WHERE o.digest = mark AND o.tenant_id = NEW.tenant_id AND o.status IN ('succeeded', 'completed')) THEN
        RAISE EXCEPTION 'A review comes after a run of this version that succeeded in the workspace.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_review_comes_after_a_run';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_is_earned BEFORE INSERT OR UPDATE OF listing_id, version_id, author_id, tenant_id ON public.reviews_review
FOR EACH ROW EXECUTE FUNCTION public.reviews_review_is_earned();

CREATE FUNCTION public.reviews_vote_is_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.reviews_review r WHERE r.id = NEW.review_id AND r.author_id = NEW.user_id) THEN
        RAISE EXCEPTION 'Nobody votes for their own review.'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_votes_for_their_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER vote_is_of_another BEFORE INSERT OR UPDATE ON public.reviews_reviewvote
FOR EACH ROW EXECUTE FUNCTION public.reviews_vote_is_of_another();
"""
NO_GUARD = """
DROP TRIGGER vote_is_of_another ON public.reviews_reviewvote;
DROP FUNCTION public.reviews_vote_is_of_another();
DROP TRIGGER review_is_earned ON public.reviews_review;
DROP FUNCTION public.reviews_review_is_earned();
"""
WORDS = {
    "casino bonus": "Advertising that has nothing to do with agents.",
    "viagra": "Advertising that has nothing to do with agents.",
    "crypto giveaway": "A common fraud.",
    "free followers": "Advertising that has nothing to do with agents.",
    "whatsapp me": "Reviews are no place to move people elsewhere.",
    "telegram me": "Reviews are no place to move people elsewhere.",
}


def first_words(apps, schema_editor):
    apps.get_model("reviews", "DeniedWord").objects.bulk_create(
        [apps.get_model("reviews", "DeniedWord")(word=word, why=why) for word, why in WORDS.items()]
    )


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0001_initial"),
        ("provenance", "0001_initial"),
        ("marketplace", "0003_standing_visibility_health"),
        ("tenants", "0001_initial"),
    ]
    operations = [migrations.RunSQL(GUARD, NO_GUARD), migrations.RunPython(first_words, migrations.RunPython.noop)]

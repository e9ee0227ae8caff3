"""The moderation queue with 100,000 versions waiting in it, beside the admin's own changelist of the same rows.

Asked in turn through the whole stack of middleware, in one process: the first page, a page far back, by date, filtered, searched.
"""

from __future__ import annotations

import json
from typing import Any

from bench import stage

NAMES = ("moderation_queue_100k_p95_ms",)
VERSIONS, LISTINGS, PUBLISHERS, ROUNDS = 100_000, 20_000, 500, 12

_SEED = """
import json
from pathlib import Path
from django.db import connection
from marketplace.manifest.canonical import as_document
from marketplace.manifest.reading import read_yaml
from marketplace.models import Listing, Publisher
words = ["Brief", "Analyst", "Tutor", "Harbour", "Report", "Lesson", "Review", "Market", "Memo", "Triage"]
homes = Publisher.objects.bulk_create(
    [Publisher(namespace=f"publisher-{{n}}", display_name=f"Publisher {{n}}", about="About. " * 40,
               standing="warned" if n % 20 == 0 else "good") for n in range({publishers})])
Listing.objects.bulk_create(
    [Listing(publisher=homes[n % len(homes)], slug=f"thing-{{n}}", kind="crew", title=f"{{words[n % 10]}} {{words[n // 10 % 10]}} {{n}}",
             summary="It does something.", description="A longer text. " * 60, category="business", licence="MIT")
     for n in range({listings})], batch_size=2000)
manifest = json.dumps(as_document(read_yaml(Path("marketplace/catalogue/market-brief.yaml").read_bytes())))
with connection.cursor() as cursor:
    cursor.execute('''
        INSERT INTO marketplace_listingversion (id, created_at, updated_at, listing_id, semver, manifest, digest, size, changelog, risk,
            review_state, availability, availability_reason, health, visibility)
        SELECT gen_random_uuid(), now(), now(), l.id, n || '.0.0', %s::jsonb, 'sha256:' || md5(l.id::text || n), 6000, '', 1 + n %% 3,
            'in_review', 'available', '', 'unknown', 'public'
        FROM marketplace_listing l, generate_series(1, {versions} / {listings}) n WHERE l.slug LIKE 'thing-%%'
        ''', [manifest])
    cursor.execute('''
        INSERT INTO moderation_reviewtask (id, created_at, updated_at, version_id, kind, reasons, weight, weight_info, due_at, state,
            claimed_by_name, closed_why)
        SELECT gen_random_uuid(), now() - random() * interval '9 days', now(), v.id,
            CASE WHEN random() < 0.95 THEN 'version' ELSE 'retro' END, ARRAY['first_version', (%s::text[])[1 + floor(random() * 10)]],
            floor(random() * 400), '{{"first_version": 100}}', now() + (random() - 0.25) * interval '8 days', 'open', '', ''
        FROM marketplace_listingversion v WHERE v.review_state = 'in_review'
        ''', [words])
    cursor.execute("ANALYZE")
"""

_ASK = """
import json, time
from django.conf import settings
settings.PUBLIC_SCHEMA_URLCONF = "bench.plain.stock_admin"
settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
from tests import cast
client = Client()
client.force_login(cast.person("moderator"))
def took(address):
    start = time.perf_counter()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{{address}} answered {{answer.status_code}}")
    return 1000 * (time.perf_counter() - start)
deep = "?after=10~2026-01-01T00:00:00%2B00:00~00000000-0000-0000-0000-000000000000"
ours = ["", deep, "?sort=due", "?kind=retro", "?due=overdue&sort=due", "?standing=warned", "?reason=Harbour", "?q=harbour", "?q=publisher-77"]
stock = ["", "?p=1900", "?o=7", "?kind__exact=retro", "?p=100", "?state__exact=open", "?q=harbour", "?q=publisher-77"]
times = {{"ours": {{}}, "stock": {{}}}}
for turn in range({rounds} + 1):
    for name, place, addresses in (("ours", "/admin/queue/", ours), ("stock", "/stock/moderation/reviewtask/", stock)):
        for address in addresses:
            spent = took(place + address)
            if turn:
                times[name].setdefault(address, []).append(spent)
print(json.dumps(times))
"""


def measure() -> dict[str, Any]:
    with stage.stack(env={"ENVIRONMENT": "development"}) as live:
        stage.python(live, _SEED.format(versions=VERSIONS, listings=LISTINGS, publishers=PUBLISHERS))
        times = json.loads(stage.python(live, _ASK.format(rounds=ROUNDS)).splitlines()[-1])
    slowest = max(times["ours"], key=lambda address: _p95(times["ours"][address]))
    value, baseline = (_p95([each for all_ in times[name].values() for each in all_]) for name in ("ours", "stock"))
    return {
        "name": "moderation_queue_100k_p95_ms",
        "value": round(value, 1),
        "unit": "ms",
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 3),
        "better": "lower",
        "note": f"goal 300 ms; nine views in turn, slowest {slowest or 'the first page'} with "
        f"{_p95(times['ours'][slowest]):.0f} ms; baseline: the admin's changelist, its eight",
    }


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]

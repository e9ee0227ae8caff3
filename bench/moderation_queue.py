"""The moderation queue with 100,000 versions waiting in it, beside Django's own changelist of the same rows.

Asked in turn through the whole stack of middleware, in one process: the first page, a page far back, by date, filtered, searched.
"""

from __future__ import annotations

import json
from typing import Any

from bench import stage

NAMES = ("moderation_queue_100k_p95_ms",)
VERSIONS, LISTINGS, PUBLISHERS, ROUNDS = 100_000, 20_000, 500, 12

_SEED = """
import random
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from marketplace.manifest.canonical import as_document
from marketplace.manifest.reading import read_yaml
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import ReviewTask
VERSIONS, LISTINGS, PUBLISHERS = {versions}, {listings}, {publishers}
chance, now = random.Random(7), timezone.now()
from pathlib import Path
manifest = as_document(read_yaml(Path("marketplace/catalogue/market-brief.yaml").read_bytes()))
homes = Publisher.objects.bulk_create(
    [Publisher(namespace=f"publisher-{{n}}", display_name=f"Publisher {{n}}", about="About. " * 40,
               standing="warned" if n % 20 == 0 else "good") for n in range(PUBLISHERS)])
words = ["brief", "analyst", "tutor", "harbour", "report", "lesson", "review", "market", "memo", "triage"]
listings = Listing.objects.bulk_create(
    [Listing(publisher=homes[n % PUBLISHERS], slug=f"thing-{{n}}", kind="crew", title=f"{{words[n % 10]}} {{words[n // 10 % 10]}} {{n}}".capitalize(),
             summary="It does something.", description="A longer text. " * 60, category="business", licence="MIT")
     for n in range(LISTINGS)], batch_size=2000)
for start in range(0, VERSIONS, 5000):
    made = ListingVersion.objects.bulk_create(
        [ListingVersion(listing=listings[n % LISTINGS], semver=f"{{1 + n // LISTINGS}}.0.0", manifest=manifest, digest=f"sha256:{{n:064x}}",
                        size=6000, risk=1 + n % 3, review_state="in_review") for n in range(start, start + 5000)], batch_size=1000)
    ReviewTask.objects.bulk_create(
        [ReviewTask(kind="version" if chance.random() < 0.95 else "retro", version=version, reasons=["first_version", chance.choice(words)],
                    weight=(weight := chance.randrange(400)), weight_info={{"first_version": weight}},
                    due_at=now + timedelta(minutes=chance.randrange(-3000, 9000))) for version in made], batch_size=2000)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
"""

_ASK = """
import json, time
from django.conf import settings
settings.PUBLIC_SCHEMA_URLCONF = "bench.plain.stock_admin"
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
ours = ["", deep, "?sort=due", "?kind=retro", "?due=overdue&sort=due", "?standing=warned", "?reason=harbour", "?q=harbour", "?q=publisher-77"]
stock = ["", "?p=1900", "?o=7", "?kind__exact=retro", "?p=100", "?state__exact=open", "?q=harbour", "?q=publisher-77"]
times = {{"ours": {{}}, "stock": {{}}}}
for round in range({rounds} + 1):
    for name, place, addresses in (("ours", "/admin/queue/", ours), ("stock", "/stock/moderation/reviewtask/", stock)):
        for address in addresses:
            spent = took(place + address)
            if round:
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
        f"{_p95(times['ours'][slowest]):.0f} ms; baseline: Django's changelist, its eight",
    }


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]

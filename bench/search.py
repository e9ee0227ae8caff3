"""Searching 100,000 listings: the statements of one search in the database, and its whole page over HTTP.

The baseline asks the same questions of the same rows as one would without an index of words: ILIKE over title, summary and description, the
best by installations, and a count for the pages; facets not even counted. Both answer in turns.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench import stage
from marketplace.browsing.spelling import variants
from tests.servers.live import LiveStack

NAMES = ("search_100k_p95_ms", "search_page_100k_p95_ms")
LISTINGS, PUBLISHERS, WORDS = 100_000, 2_000, 15_000
ROUNDS = 4
SQL = Path(__file__).parent / "market.sql"
KNOWN = tuple(
    re.findall(
        r"\w+",
        "analyst brief market document review lesson plan support triage code data report meeting research critic teacher summary legal "
        "invoice translate sales email planner writer editor tutor simulation crowd traffic epidemic opinion auction segregation forecast "
        "audit budget",
    )
)
SYLLABLES = re.findall(r"\w+", "ka lo mi ter van sol ra den qui por zen tal mor fi gu nex bri hel jo um")
QUESTIONS: tuple[dict[str, str], ...] = (
    {},
    {"kind": "tool"},
    {"category": "education", "language": "ja", "risk": "high"},
    {"ordering": "newest", "licence": "MIT"},
    {"q": "analyst"},
    {"q": "market brief"},
    {"q": "budget"},
    {"q": "lesson plan teacher"},
    {"q": "tra"},
    {"q": "documnet analist"},
    {"q": "segragation"},
    {"q": "xylophonist"},
    {"q": "report", "kind": "crew"},
    {"q": "review", "cost": "0.5", "ordering": "rating"},
    {"q": "audit", "category": "research", "page": "5"},
    {"page": "15"},
)

_ASK = """
import json, sys, time
from django.db import connection
from marketplace.browsing import counting, matching, results
from marketplace.browsing.forms import wish_of_page
def ours(asked):
    wish = wish_of_page(asked)
    found = results.search(wish)
    start = 24 * (int(asked.get("page", 1)) - 1)
    list(results.in_order(found.ids[start:start + 24]))
    counting.facets(wish, found.ids)
class Clock:
    seconds = 0.0
    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began
PLAIN = '''SELECT id, title, summary FROM marketplace_listing WHERE published_at IS NOT NULL
  AND (title ILIKE %(like)s OR summary ILIKE %(like)s OR description ILIKE %(like)s) ORDER BY installs DESC, id LIMIT 24'''
COUNT = "SELECT count(*) FROM marketplace_listing WHERE published_at IS NOT NULL AND (title ILIKE %(like)s OR summary ILIKE %(like)s OR description ILIKE %(like)s)"
def theirs(asked):
    with connection.cursor() as cursor:
        for statement in (PLAIN, COUNT):
            cursor.execute(statement, {"like": f"%{asked.get('q', '')}%"})
            cursor.fetchall()
for asked in json.loads(sys.argv[1]):
    clocks = Clock(), Clock()
    for clock, ask in zip(clocks, (ours, theirs)):
        with connection.execute_wrapper(clock):
            ask(asked)
    print(json.dumps([clock.seconds for clock in clocks]))
"""
_BASE = "from django.core.management import call_command\ncall_command('publish_catalogue')"
_WEIGH = "from marketplace.browsing import standing\nstanding.reweigh()"


def measure() -> list[dict[str, Any]]:
    random.seed(1)
    with stage.stack(env={"ENVIRONMENT": "development"}) as live:
        fill(live)
        asked = [question for _ in range(ROUNDS) for question in QUESTIONS]
        seconds = [json.loads(line) for line in stage.python(live, _ASK, json.dumps([*QUESTIONS, *asked])).splitlines()]
        ours, theirs = zip(*seconds[len(QUESTIONS) :], strict=True)  # the first round warms up
        pages = sorted(_pages(live))
    note = f"{LISTINGS:,} listings, {len(asked)} searches of {len(QUESTIONS)} kinds"
    return [
        _entry(NAMES[0], _p95(ours), _p95(theirs), f"{note}; baseline: ILIKE and count, without facets"),
        _entry(NAMES[1], _p95(pages), None, f"{note}, one after the other over HTTP"),
    ]


def fill(live: LiveStack) -> None:
    """The market of market.sql, and up-to-date statistics."""
    stage.python(live, _BASE)
    with psycopg.connect(live.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE pool (n int PRIMARY KEY, word text, near text)")
        with connection.cursor().copy("COPY pool FROM STDIN") as rows:
            for n, word in enumerate(_words(), start=1):
                rows.write_row((n, word, " ".join(variants(word))))
        figures = {"listings": LISTINGS, "publishers": PUBLISHERS, "words": WORDS}
        for statement in SQL.read_text().split(";\n\n"):
            connection.execute(statement % figures)
    stage.python(live, _WEIGH)
    with psycopg.connect(live.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _words() -> Iterator[str]:
    """Known words first, as the most frequent; then made-up ones."""
    made: dict[str, None] = dict.fromkeys(KNOWN)
    while len(made) < WORDS:
        made.setdefault("".join(random.choices(SYLLABLES, k=random.randint(3, 5))))
    yield from made


def _pages(live: LiveStack) -> Iterator[float]:
    with httpx.Client(base_url=live.url, timeout=30) as client:
        for round_ in range(ROUNDS + 1):
            for question in QUESTIONS:
                began = time.perf_counter()
                client.get("/market/", params=question).raise_for_status()
                if round_:
                    yield time.perf_counter() - began


def _p95(seconds: Sequence[float]) -> float:
    return 1_000 * sorted(seconds)[int(0.95 * len(seconds))]


def _entry(name: str, value: float, baseline: float | None, note: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "ms",
        "baseline": round(baseline, 1) if baseline else None,
        "ratio": round(value / baseline, 3) if baseline else None,
        "better": "lower",
        "note": note,
    }

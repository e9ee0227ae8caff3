"""How well a version works, by a rule that everybody can read.

Of the runs of the last seven days, where there are 20 of 5 workspaces: 90 of 100 succeed, it works; 60, less well than it should;
fewer, it fails. It also works less well than it did when the rate fell by 15 of 100 against the 30 days before, of as many.
Without enough runs the platform's own evaluation of the version speaks: good, it works; not good, less well than it promises.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.evidence import counted
from marketplace.evidence.models import ENOUGH_RUNS, ENOUGH_WORKSPACES
from marketplace.models import Health, Listing, ListingVersion
from marketplace.moderation.access import people_of
from marketplace.moderation.transitions import set_health
from marketplace.sandbox.models import EvaluationRun
from tenants.addresses import public_reverse
from tenants.notifications.models import Kind
from tenants.notifications.services import notify

DAYS, BEFORE_DAYS = 7, 30
WORKS, LIMPS, FELL = 0.9, 0.6, 0.15
BAD = (Health.DEGRADED, Health.FAILING)

_RATES = """
SELECT version_id, ended_at > %(week)s AS is_now, count(*)::int AS runs, count(DISTINCT tenant_id)::int AS workspaces,
       (count(*) FILTER (WHERE good))::float / count(*) AS rate
FROM counted WHERE ended_at > %(month)s GROUP BY 1, 2"""


def judge_all(now: datetime) -> None:
    """Say of every published version how it works; what is as it was is not written again."""
    rates = _rates(now)
    evaluated = dict(
        EvaluationRun.objects.filter(state=EvaluationRun.State.DONE)
        .order_by("created_at")
        .values_list("version_id", "pk")
    )
    asked = (
        set(rates)
        | set(evaluated)
        | set(ListingVersion.objects.exclude(health=Health.UNKNOWN).values_list("pk", flat=True))
    )
    reports = EvaluationRun.objects.in_bulk(list(evaluated.values()))
    versions = ListingVersion.objects.filter(pk__in=asked, review_state=ListingVersion.ReviewState.PUBLISHED)
    for version in versions.select_related("listing__publisher").defer("manifest"):
        week, before = rates.get(version.pk, {}).get(True), rates.get(version.pk, {}).get(False)
        found, why = verdict(week, before, reports.get(evaluated.get(version.pk)))
        _say(version, found, why)
    _copy_to_listings()


def verdict(week: float | None, before: float | None, report: EvaluationRun | None) -> tuple[Health, str]:
    """From the rates of the last week and of the days before (None: too few runs), and the newest evaluation."""
    if week is None:
        if report is None:
            return Health.UNKNOWN, "Too few runs, and no evaluation."
        good = Health.OK if report.is_good else Health.DEGRADED
        return good, f"{report.passed} of {report.n} of its own cases pass."
    why = f"{week:.0%} of the runs of the last {DAYS} days succeeded."
    if week < LIMPS:
        return Health.FAILING, why
    if before is not None and before - week >= FELL:
        return Health.DEGRADED, f"{why} Before, {before:.0%} did."
    return (Health.OK if week >= WORKS else Health.DEGRADED), why


def _rates(now: datetime) -> dict[UUID, dict[bool, float]]:
    """By version: the rate of the last week (True) and of the month before (False), where there are enough runs."""
    week = now - timedelta(days=DAYS)
    rows: list[dict[str, Any]] = counted.ask(_RATES, {"week": week, "month": week - timedelta(days=BEFORE_DAYS)})
    rates: dict[UUID, dict[bool, float]] = {}
    for row in rows:
        if row["runs"] >= ENOUGH_RUNS and row["workspaces"] >= ENOUGH_WORKSPACES:
            rates.setdefault(row["version_id"], {})[row["is_now"]] = row["rate"]
    return rates


def _say(version: ListingVersion, found: Health, why: str) -> None:
    was = Health(version.health)
    if was == found:
        return
    set_health(version.pk, to=found, reason=why)
    if found in BAD or was in BAD:
        _tell(version, found, why)


def _tell(version: ListingVersion, found: Health, why: str) -> None:
    listing = version.listing
    notify(
        users=people_of(listing.publisher),
        kind=Kind.HEALTH,
        title=f"{listing.title} {version.semver}: {found.label.lower()}",
        text=why,
        url=public_reverse("evidence:figures", listing.publisher.namespace, listing.slug),
    )


def _copy_to_listings() -> None:
    """A listing is as healthy as its current version."""
    for health in Health:
        Listing.objects.filter(current_version__health=health).exclude(health=health).update(health=health)

"""From outcomes of runs to figures: days first, then what is shown, how well it works, and who uses it.

A day is always summed anew from its outcomes, so a fold may come twice; what has come since the last one says which days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from marketplace.evidence import counted, health, showing
from marketplace.evidence.models import FoldMark, RunStat
from tenants.ids import uuid7

LATE = timedelta(minutes=10)  # a transaction may commit so long after it has written an outcome's moment
ACTIVE_DAYS = 30

_TOUCHED = """
SELECT DISTINCT v.id, (o.ended_at AT TIME ZONE 'UTC')::date FROM public.provenance_runoutcome o
JOIN public.marketplace_listingversion v ON v.digest = o.digest AND v.published_at IS NOT NULL
WHERE (%(since)s::timestamptz IS NULL OR o.created_at > %(since)s) AND (%(tenant)s::uuid IS NULL OR o.tenant_id = %(tenant)s)"""

_DAYS = f"""
SELECT version_id, left(model, 120) AS model, (ended_at AT TIME ZONE 'UTC')::date AS day, {counted.SUMS} FROM counted
WHERE (version_id, (ended_at AT TIME ZONE 'UTC')::date) IN (SELECT * FROM unnest(%(versions)s::uuid[], %(days)s::date[]))
GROUP BY 1, 2, 3"""  # noqa: S608 - our own text

_ACTIVE = """
, active AS (
    SELECT listing_id, count(DISTINCT tenant_id) AS workspaces FROM counted WHERE ended_at > %(since)s GROUP BY listing_id
)
UPDATE public.marketplace_listing l SET active_tenants = coalesce(a.workspaces, 0)
FROM public.marketplace_listing x LEFT JOIN active a ON a.listing_id = x.id
WHERE l.id = x.id AND l.active_tenants <> coalesce(a.workspaces, 0)"""

Pair = tuple[UUID, date]


@transaction.atomic
def fold() -> int:
    """Fold what has come since the last fold; how many days of versions were summed anew."""
    mark, _ = FoldMark.objects.get_or_create(pk=1)
    mark = FoldMark.objects.select_for_update().get(pk=1)
    now = timezone.now()
    touched = _touched(since=mark.upto - LATE if mark.upto else None)
    _sum_days(touched)
    mark.upto = now
    mark.save(update_fields=["upto"])
    for version_id in sorted({version for version, _ in touched} | showing.stale(now)):
        showing.renew(version_id, now)
    health.judge_all(now)
    count_active()
    return len(touched)


@transaction.atomic
def fold_again(tenant_id: UUID) -> None:
    """Sum every day anew that a workspace has had a part in: it contributes no more, or again."""
    FoldMark.objects.get_or_create(pk=1)
    FoldMark.objects.select_for_update().get(pk=1)
    _sum_days(_touched(tenant=tenant_id))


def count_active() -> None:
    """Write for every listing how many workspaces have run it to an end in the last 30 days."""
    counted.ask(_ACTIVE, {"since": timezone.now() - timedelta(days=ACTIVE_DAYS)})


def _touched(*, since: Any = None, tenant: UUID | None = None) -> list[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"since": since, "tenant": tenant})
        return [(version, day) for version, day in cursor.fetchall()]


def _sum_days(touched: Iterable[Pair]) -> None:
    pairs = list(touched)
    if not pairs:
        return
    versions, days = [version for version, _ in pairs], [day for _, day in pairs]
    summed = counted.ask(_DAYS, {"versions": versions, "days": days})
    _forget(pairs, {(row["version_id"], row["day"], row["model"]) for row in summed})
    RunStat.objects.bulk_create(
        [RunStat(id=uuid7(), **row) for row in summed],
        update_conflicts=True,
        unique_fields=["version", "model", "day"],
        update_fields=[*counted.COLUMNS, "updated_at"],
    )


def _forget(pairs: list[Pair], kept: set[tuple[UUID, date, str]]) -> None:
    """Days of which nothing is counted any more."""
    found = RunStat.objects.filter(version__in={version for version, _ in pairs}, day__in={day for _, day in pairs})
    gone = [
        stat.pk
        for stat in found
        if (stat.version_id, stat.day) in set(pairs) and (stat.version_id, stat.day, stat.model) not in kept
    ]
    RunStat.objects.filter(pk__in=gone).delete()

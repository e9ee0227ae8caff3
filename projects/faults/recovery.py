"""Of the runs that something disturbed, how many succeeded without a person: the platform's own figure.

A run was disturbed when an error of the machine (no refusal, no budget) was noted in it, or when a worker died under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from celery import shared_task
from django.core.cache import caches
from django.db import connection
from redis.exceptions import RedisError

from projects.faults.models import Fault
from tenants.context import PUBLIC, current_schema, enter, release_connection
from tenants.models import Tenant
from tenants.tasks import PublicTask

KEY = "faults:recovery"
KEPT_SECONDS = 900
WINDOWS = {"24h": timedelta(hours=24), "30d": timedelta(days=30)}

_DISTURBED = """
SELECT count(*) FILTER (WHERE r.finished_at >= now() - interval '24 hours'),
       count(*) FILTER (WHERE r.finished_at >= now() - interval '24 hours' AND r.status = 'succeeded'),
       count(*), count(*) FILTER (WHERE r.status = 'succeeded')
FROM projects_run r
WHERE r.finished_at >= now() - interval '30 days' AND r.status <> 'cancelled'
  AND (EXISTS (SELECT 1 FROM faults_fault f WHERE f.run_id = r.id AND f.category = ANY(%s))
       OR EXISTS (SELECT 1 FROM public.work_workitem w
                  WHERE w.schema = %s AND w.kind = r.kind AND w.object_id = r.id AND w.crashes > 0))"""


class Share(NamedTuple):
    """Disturbed runs that have ended, and those of them that succeeded."""

    disturbed: int
    recovered: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where nothing was disturbed."""
        return self.recovered / self.disturbed if self.disturbed else None


@dataclass(frozen=True, slots=True)
class Recovery:
    """Of the last 24 hours, and of the last 30 days."""

    day: Share
    month: Share

    def windows(self) -> Iterator[tuple[str, Share]]:
        yield from (("24h", self.day), ("30d", self.month))


def of_workspace() -> Recovery:
    """Of the current tenant. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_DISTURBED, [sorted(Fault.OF_THE_MACHINE), current_schema()])
        found = cursor.fetchone()
    return Recovery(Share(*found[:2]), Share(*found[2:]))


def tally() -> Recovery:
    """Of the whole platform, workspace by workspace; kept for whoever asks next."""
    found = [_of_schema(schema) for schema in Tenant.objects.values_list("schema_name", flat=True)]
    total = Recovery(_sum([each.day for each in found]), _sum([each.month for each in found]))
    try:
        caches["shared"].set(KEY, (*total.day, *total.month), KEPT_SECONDS)
    except RedisError:  # then whoever asks next counts again
        return total
    return total


def _of_schema(schema: str) -> Recovery:
    with enter(schema):
        try:
            return of_workspace()
        finally:
            release_connection()


def _sum(shares: list[Share]) -> Share:
    return Share(sum(share.disturbed for share in shares), sum(share.recovered for share in shares))


def latest() -> Recovery:
    """As counted some minutes ago; counted now where nobody has."""
    try:
        kept = caches["shared"].get(KEY)
    except RedisError:
        kept = None
    return Recovery(Share(*kept[:2]), Share(*kept[2:])) if kept else tally()


@shared_task(base=PublicTask, name="faults.tally")
def tally_now() -> None:
    with enter(PUBLIC):
        tally()

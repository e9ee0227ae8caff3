"""The family of a run: the one that all came from, and every branch, retry and replay below it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from projects.models import Run

MOST = 200
SHOWN = 30

_ROOT = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, 0 AS height FROM projects_run WHERE id = %s
    UNION ALL
    SELECT r.id, r.parent_id, up.height + 1 FROM projects_run r JOIN up ON r.id = up.parent_id)
SELECT id FROM up ORDER BY height DESC LIMIT 1"""

_BELOW = """
WITH RECURSIVE below AS (
    SELECT id, 0 AS depth, ARRAY[id::text] AS place FROM projects_run WHERE id = %s
    UNION ALL
    SELECT r.id, below.depth + 1, below.place || r.id::text
    FROM projects_run r JOIN below ON r.parent_id = below.id)
SELECT id, depth FROM below ORDER BY place LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Relative:
    """A run in its family; `depth` counts from the root."""

    run: Run
    depth: int


def family_of(run: Run) -> list[Relative]:
    """The root first, each run followed by its branches, older ones before younger; at most 200."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOT, [run.pk])
        root: UUID = cursor.fetchone()[0]
        cursor.execute(_BELOW, [root, MOST])
        depths: dict[UUID, int] = dict(cursor.fetchall())
    runs = Run.objects.defer("snapshot", "output", "output_json").in_bulk(list(depths))
    return [Relative(runs[pk], depth) for pk, depth in depths.items() if pk in runs]


def partners_of(run: Run) -> list[Run]:
    """Whom it may be compared with: its family, then the newest other runs of the same crew or agent; at most 30."""
    family = [relative.run for relative in family_of(run) if relative.run.pk != run.pk]
    others = Run.objects.filter(subject_id=run.subject_id).exclude(pk__in=[run.pk, *(each.pk for each in family)])
    newest = others.defer("snapshot", "output", "output_json").order_by("-created_at", "-id")
    return [*family[::-1], *newest[:SHOWN]][:SHOWN]

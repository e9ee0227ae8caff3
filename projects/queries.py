"""Reading runs and projects."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from projects.models import AgentMessage, AgentRun, Project, Run, RunEvent
from projects.work.places import place_of
from tenants import statements
from tenants.lookups import Lookup

RUNS_QUEUE = "crews"
_agent_runs = Lookup(AgentRun.objects.filter, run=UUID)


def projects() -> QuerySet[Project]:
    return Project.objects.annotate(run_count=Count("runs"))


def runs(*, status: str | None = None, project: str | None = None, kind: str | None = None) -> QuerySet[Run]:
    """Runs, newest first; the big columns stay behind."""
    found = (
        Run.objects.select_related("project").defer("snapshot", "output", "output_json").order_by("-created_at", "-id")
    )
    for name, value in (("status", status), ("project_id", project), ("kind", kind)):
        if value is not None:
            found = found.filter(**{name: value})
    return found


def agent_runs_of(run: Run) -> list[AgentRun]:
    """In the order of their tasks. No query for a run that nobody has begun."""
    return _agent_runs.all(run.pk) if run.was_begun else []


def events_after(run: Run, after: int, limit: int) -> list[RunEvent]:
    return list(RunEvent.objects.filter(run=run, seq__gt=after).order_by("seq")[:limit])


def messages_of(run: Run) -> QuerySet[AgentMessage]:
    return AgentMessage.objects.filter(run=run)


class QueuePlace(NamedTuple):
    """How many runs go first, this one counted, and the seconds until it begins; None where nothing is known to tell by."""

    position: int
    expected_seconds: int | None


LATEST_RUNS = 20
_USUAL_SECONDS = """
SELECT avg(extract(epoch FROM finished_at - started_at)) FROM (
    SELECT started_at, finished_at FROM projects_run WHERE started_at IS NOT NULL AND finished_at IS NOT NULL
    ORDER BY created_at DESC, id DESC LIMIT %s) ended"""


def queue_place(run: Run) -> QueuePlace | None:
    """Where a queued run stands; None for any other.

    What waits does so because all places are taken: one becomes free every (usual seconds of a run / runs under way) seconds. The
    usual run is the mean of this workspace's latest ended ones.
    """
    if run.status != Run.Status.QUEUED:
        return None
    place = place_of(kind=run.kind, object_id=run.pk, queue=RUNS_QUEUE)
    if place is None:
        return None
    usual = _usual_seconds() if place.running else None
    if usual is None:
        return QueuePlace(place.position, None)
    seconds = place.position * usual / place.running
    limit = place.limit or int(settings.RUNS_PER_WORKSPACE)
    if limit and place.own_running >= limit:
        seconds = max(seconds, place.own_position * usual / place.own_running)
    return QueuePlace(place.position, math.ceil(seconds))


def _usual_seconds() -> float | None:
    ((seconds,),) = statements.fetch(_USUAL_SECONDS, [LATEST_RUNS])
    return None if seconds is None else float(seconds)


class Figures(NamedTuple):
    """The last 30 days of a workspace."""

    runs: int
    succeeded: int
    ended: int
    live: int
    tokens: int
    cost: Decimal


def figures() -> Figures:
    since = timezone.now() - timedelta(days=30)
    found = Run.objects.filter(created_at__gte=since).aggregate(
        runs=Count("id"),
        succeeded=Count("id", filter=Q(status=Run.Status.SUCCEEDED)),
        ended=Count("id", filter=Q(status__in=Run.ENDED)),
        live=Count("id", filter=~Q(status__in=Run.ENDED)),
        prompt=Sum("prompt_tokens"),
        completion=Sum("completion_tokens"),
        cost=Sum("cost"),
    )
    tokens = (found.pop("prompt") or 0) + (found.pop("completion") or 0)
    return Figures(**{**found, "cost": found["cost"] or Decimal(0)}, tokens=tokens)

"""Reading runs and projects."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from projects.models import AgentMessage, Project, Run, RunEvent


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


def events_after(run: Run, after: int, limit: int) -> list[RunEvent]:
    return list(RunEvent.objects.filter(run=run, seq__gt=after).order_by("seq")[:limit])


def messages_of(run: Run) -> QuerySet[AgentMessage]:
    return AgentMessage.objects.filter(run=run)


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

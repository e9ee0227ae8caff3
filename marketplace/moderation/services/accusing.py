"""What runs in several workspaces tried without leave becomes a second look at the version that they are copies of."""

from __future__ import annotations

from datetime import timedelta

from marketplace.enforcement.queries import ENOUGH_WORKSPACES, Accused, accused, workspaces_since
from marketplace.moderation.models import ReasonCode, ReviewTask
from marketplace.moderation.services.tasks import open_task

REASON = ReasonCode.PERMISSIONS.value
DUE = timedelta(days=2)
POINTS = 10
"""For each workspace in which it happened."""


def open_for_accused() -> int:
    """Open a task for every version that three workspaces report anew since somebody last looked; how many that were."""
    return sum(_opened(found) for found in accused())


def _opened(found: Accused) -> bool:
    looks = ReviewTask.objects.filter(kind=ReviewTask.Kind.RETRO, version=found.version)
    if looks.filter(state=ReviewTask.State.OPEN, reasons__contains=[REASON]).exists():
        return False
    last = looks.filter(state=ReviewTask.State.CLOSED).order_by("-closed_at").first()
    workspaces = workspaces_since(found.version, last.closed_at) if last and last.closed_at else found.workspaces
    if workspaces < ENOUGH_WORKSPACES:
        return False
    points = {REASON: POINTS * workspaces}
    open_task(kind=ReviewTask.Kind.RETRO, about=found.version, reasons=[REASON], weight_info=points, due=DUE)
    return True

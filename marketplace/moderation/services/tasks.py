"""What waits for a person: opened once per thing, claimed by one at a time, closed with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from marketplace.models import ListingVersion
from marketplace.moderation import activity
from marketplace.moderation.access import require_reviewer
from marketplace.moderation.actors import SYSTEM, Actor, moderator
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.targets import ReviewOf, Thing, target_of, target_of_row
from tenants.errors import NotFound, WrongState
from tenants.models import User

Kind = ReviewTask.Kind
DUE: Final[dict[str, timedelta]] = {
    Kind.VERSION: timedelta(days=3),
    Kind.REPORT: timedelta(days=2),
    Kind.APPEAL: timedelta(days=5),
    Kind.RETRO: timedelta(days=14),
    Kind.PUBLISHER: timedelta(days=3),
}
LEASE_MINUTES = 30


@transaction.atomic
def open_task(
    *,
    kind: ReviewTask.Kind,
    about: Thing | ReviewOf,
    reasons: Sequence[str],
    weight_info: Mapping[str, int] | None = None,
    due: timedelta | None = None,
    by: Actor = SYSTEM,
) -> ReviewTask:
    """Put `about` into the queue. A task of this kind that is open already gets the new reasons, points and earlier day.

    `weight_info` is {reason: points}; the weight is their sum. An appeal always gets a task of its own.
    """
    points, due_at = dict(weight_info or {}), timezone.now() + (due or DUE[kind])
    target = target_of(about)
    row = ReviewTask(
        kind=kind,
        reasons=list(dict.fromkeys(reasons)),
        weight_info=points,
        weight=sum(points.values()),
        due_at=due_at,
        **target.columns,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row = _added_to(_open_one(kind, target.columns), reasons, points)
        row.due_at = min(row.due_at or due_at, due_at)
        row.save()
    activity.record("task.opened", target, by=by, task=str(row.pk), reasons=list(reasons))
    return row


def _open_one(kind: ReviewTask.Kind, columns: Mapping[str, UUID]) -> ReviewTask:
    found = ReviewTask.objects.select_for_update().filter(kind=kind, state=ReviewTask.State.OPEN, **columns).first()
    if found is None:
        raise WrongState("The task was decided this moment. Try again.")
    return found


def _added_to(task: ReviewTask, reasons: Sequence[str], points: Mapping[str, int]) -> ReviewTask:
    task.reasons = list(dict.fromkeys([*task.reasons, *reasons]))
    for reason, more in points.items():
        task.weight_info[reason] = task.weight_info.get(reason, 0) + more
    task.weight = sum(task.weight_info.values())
    return task


@transaction.atomic
def claim(task_id: UUID, *, by: User, minutes: int = LEASE_MINUTES) -> ReviewTask:
    """Take a task for some minutes, or prolong one's own lease. Raises WrongState while somebody else holds it."""
    task = lock_task(task_id)
    require_reviewer(by, target_of_row(task).publisher)
    require_free(task, by)
    task.claimed_by_id, task.claimed_by_name = by.pk, by.get_full_name()
    task.lease_until = timezone.now() + timedelta(minutes=minutes)
    task.save(update_fields=["claimed_by_id", "claimed_by_name", "lease_until", "updated_at"])
    _record("task.claimed", task, moderator(by))
    return task


@transaction.atomic
def release(task_id: UUID, *, by: User) -> ReviewTask:
    """Give a claimed task back before the lease ends."""
    task = lock_task(task_id)
    if task.claimed_by_id != by.pk:
        raise WrongState("You have not claimed this.")
    let_go(task)
    _record("task.released", task, moderator(by))
    return task


def let_go(task: ReviewTask) -> None:
    task.claimed_by_id, task.claimed_by_name, task.lease_until = None, "", None
    task.save(update_fields=["claimed_by_id", "claimed_by_name", "lease_until", "updated_at"])


def lock_task(task_id: UUID) -> ReviewTask:
    task = ReviewTask.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound("There is no such task.")
    return task


def require_free(task: ReviewTask, by: User) -> None:
    """Refuse a closed task, and one that somebody else is at."""
    if not task.is_open:
        raise WrongState("Somebody decided this already; look at the history.", code="already_decided")
    holder = task.held_by(now=timezone.now())
    if holder not in {None, by.pk}:
        raise WrongState(f"{task.claimed_by_name} is at it until {task.lease_until:%H:%M} UTC.", code="claimed")


def close(task: ReviewTask, *, decision: Decision | None = None, why: str = "") -> None:
    """Take a locked task out of the queue."""
    task.state, task.closed_at = ReviewTask.State.CLOSED, timezone.now()
    task.closed_by_decision, task.closed_why = decision, why
    task.claimed_by_id, task.claimed_by_name, task.lease_until = None, "", None
    task.save()


def open_again(task: ReviewTask, *, reason: str, due: timedelta = timedelta(days=1)) -> ReviewTask:
    """Put a locked task back into the queue, or keep it there, for somebody to look at again; it may join one opened since."""
    since = (
        ReviewTask.objects.select_for_update()
        .filter(_same(task), kind=task.kind, state=ReviewTask.State.OPEN)
        .exclude(pk=task.pk)
        .first()
    )
    if since is not None and task.kind != Kind.APPEAL:
        since.reasons = list(dict.fromkeys([*since.reasons, reason]))
        since.save(update_fields=["reasons", "updated_at"])
        return since
    task.state, task.closed_at, task.closed_by_decision, task.closed_why = ReviewTask.State.OPEN, None, None, ""
    task.claimed_by_id, task.claimed_by_name, task.lease_until = None, "", None
    task.reasons = list(dict.fromkeys([*task.reasons, reason]))
    task.due_at = timezone.now() + due
    task.save()
    return task


def _same(task: ReviewTask) -> Q:
    return Q(**target_of_row(task).columns)


def close_of_version(version: ListingVersion, by: Actor) -> None:
    """Its publisher withdrew it, so that nobody need read it. Follows the state withdrawn."""
    tasks = ReviewTask.objects.select_for_update().filter(
        version=version, kind=Kind.VERSION, state=ReviewTask.State.OPEN
    )
    for task in tasks.order_by("pk"):
        close(task, why="Its publisher withdrew it.")
        _record("task.closed", task, by)


def _record(action: str, task: ReviewTask, by: Actor) -> None:
    target = target_of_row(task)
    activity.record(action, target, by=by, task=str(task.pk))

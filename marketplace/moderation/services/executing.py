"""Carrying decisions out: at once, when a second person confirmed them, or when their moment has come."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.moderation import activity, effects
from marketplace.moderation.access import require_reviewer, require_second
from marketplace.moderation.actors import SYSTEM, Actor, moderator
from marketplace.moderation.holding import hold_reason
from marketplace.moderation.locking import lock_decision
from marketplace.moderation.models import Decision
from marketplace.moderation.services import settling, telling
from marketplace.moderation.services.tasks import close, lock_task, open_again
from marketplace.moderation.targets import target_of_row
from tenants.errors import DomainError, Forbidden, WrongState
from tenants.models import User

log = logging.getLogger("guildhall.moderation")
UNDO: Final = timedelta(minutes=10)
AT_A_TIME: Final = 200


def execute(decision: Decision, *, by: Actor) -> Decision:
    """Carry out a pending decision whose target the caller has locked; the hold rule is asked before anything happens.

    A decision that has come to need a second person since it was made waits for one, whatever its delay.
    """
    target = target_of_row(decision)
    if not decision.held and decision.source != Decision.Source.AUTOMATION:
        reason = hold_reason(action=Decision.Action(decision.action), severity=decision.severity, target=target)
        if reason and decision.source != Decision.Source.SECOND_LEVEL:
            return _hold(decision, reason)
    if decision.held and decision.confirmed_by_id is None:
        raise WrongState("A second person has to confirm this first.", code="held")
    decision.prior_state = effects.carry_out(decision, target, by)
    decision.executed_at = timezone.now()
    decision.save(update_fields=["prior_state", "executed_at", "updated_at"])
    activity.record("decision.executed", target, by=by, decision_id=decision.pk)
    close_task(decision)
    settling.settle(decision, target, by)
    telling.decided(decision, target)
    return decision


def _hold(decision: Decision, reason: str) -> Decision:
    decision.held, decision.held_reason = True, reason
    decision.save(update_fields=["held", "held_reason", "updated_at"])
    target = target_of_row(decision)
    activity.record(
        "decision.held",
        target,
        by=SYSTEM,
        decision_id=decision.pk,
        reason=reason,
    )
    if decision.task_id is not None:
        open_again(lock_task(decision.task_id), reason="second person")
    telling.second_person_needed(decision, target)
    return decision


def close_task(decision: Decision) -> None:
    if decision.task_id is not None:
        task = lock_task(decision.task_id)
        if task.is_open:
            close(task, decision=decision)


@transaction.atomic
def confirm(decision_id: UUID, *, by: User) -> Decision:
    """Be the second person. Raises Forbidden for the one who decided, WrongState when nothing waits."""
    decision = lock_decision(decision_id)
    require_second(by, target_of_row(decision).publisher)
    _require_another(decision, by)
    if not decision.held or not decision.is_pending or decision.confirmed_by_id is not None:
        raise WrongState("This does not wait for a second person.")
    decision.confirmed_by_id, decision.confirmed_by_name = by.pk, by.get_full_name()
    decision.confirmed_at = timezone.now()
    decision.save(update_fields=["confirmed_by_id", "confirmed_by_name", "confirmed_at", "updated_at"])
    _record("decision.confirmed", decision, moderator(by))
    if decision.execute_at > timezone.now():
        close_task(decision)
        return decision
    return execute(decision, by=moderator(by))


@transaction.atomic
def decline(decision_id: UUID, *, by: User, why: str) -> Decision:
    """Refuse as the second person: nothing is carried out, and the task goes back into the queue."""
    decision = lock_decision(decision_id)
    require_second(by, target_of_row(decision).publisher)
    _require_another(decision, by)
    if not decision.held or not decision.is_pending:
        raise WrongState("This does not wait for a second person.")
    lapse(decision, why=why.strip() or "The second person did not agree.", by=moderator(by), user=by)
    return decision


@transaction.atomic
def undo(decision_id: UUID, *, by: User) -> Decision:
    """Take a decision back within ten minutes, or before its moment has come: exactly what it changed is put back."""
    decision = lock_decision(decision_id)
    require_reviewer(by, target_of_row(decision).publisher)
    if decision.undone_at is not None:
        raise WrongState("This was taken back already.")
    if decision.executed_at is None:
        lapse(decision, why="Taken back before it was carried out.", by=moderator(by), user=by)
        return decision
    if timezone.now() - decision.executed_at > UNDO:
        raise WrongState("Ten minutes have passed; decide anew instead.", code="too_late")
    put_back(decision, by=moderator(by), user=by, why="Taken back within ten minutes.")
    if decision.task_id is not None:
        settling.unsettle(decision)
        open_again(lock_task(decision.task_id), reason="taken back")
    telling.taken_back(decision, target_of_row(decision))
    return decision


def put_back(decision: Decision, *, by: Actor, user: User, why: str) -> None:
    """Undo an executed decision that the caller has locked. Raises WrongState where its version has gone on since."""
    decision.undone_at, decision.undone_by_id, decision.undone_why = timezone.now(), user.pk, why
    decision.save(update_fields=["undone_at", "undone_by_id", "undone_why", "updated_at"])
    effects.take_back(decision, by)
    _record("decision.undone", decision, by, why=why)


def lapse(decision: Decision, *, why: str, by: Actor, user: User | None = None) -> None:
    """A pending decision is never carried out; its task goes back into the queue."""
    decision.undone_at, decision.undone_why = timezone.now(), why[:200]
    decision.undone_by_id = user.pk if user else None
    decision.save(update_fields=["undone_at", "undone_by_id", "undone_why", "updated_at"])
    _record("decision.lapsed", decision, by, why=why)
    if decision.task_id is not None:
        open_again(lock_task(decision.task_id), reason="not carried out")


def execute_due() -> int:
    """Carry out every delayed decision whose moment has come; how many were looked at. Safe to run twice at once."""
    due = Decision.objects.filter(execute_at__lte=timezone.now(), executed_at=None, undone_at=None)
    due = due.exclude(held=True, confirmed_by_id=None).order_by("execute_at")
    ids = list(due.values_list("pk", flat=True)[:AT_A_TIME])
    for decision_id in ids:
        _execute_one(decision_id)
    return len(ids)


def _execute_one(decision_id: UUID) -> None:
    try:
        with transaction.atomic():
            decision = lock_decision(decision_id)
            if decision.is_pending and (not decision.held or decision.confirmed_by_id is not None):
                execute(decision, by=SYSTEM)
    except DomainError as refused:  # the thing has changed since: what was judged is no longer there
        log.info("decision %s lapsed: %s", decision_id, refused.detail)
        with transaction.atomic():
            decision = lock_decision(decision_id)
            if decision.is_pending:
                lapse(decision, why=f"It could no longer be carried out: {refused.detail}", by=SYSTEM)


def _require_another(decision: Decision, by: User) -> None:
    if decision.decided_by_id == by.pk:
        raise Forbidden("You decided this yourself; the second person is somebody else.", code="same_person")


def _record(action: str, decision: Decision, by: Actor, **detail: str) -> None:
    target = target_of_row(decision)
    activity.record(action, target, by=by, decision_id=decision.pk, **detail)

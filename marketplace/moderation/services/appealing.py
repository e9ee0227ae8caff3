"""Appeals: one for each decision that went against somebody, read by another person."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.models import ListingVersion
from marketplace.moderation import activity, effects
from marketplace.moderation.access import get_decision, is_of, require_reviewer
from marketplace.moderation.actors import Actor, moderator
from marketplace.moderation.locking import lock_decision
from marketplace.moderation.models import Appeal, Decision, ReviewTask
from marketplace.moderation.services import executing, telling
from marketplace.moderation.services.tasks import close, lock_task, open_task, require_free
from marketplace.moderation.targets import Target, target_of_row
from tenants.errors import Conflict, Forbidden, Invalid, NotFound, WrongState
from tenants.models import User

APPEAL_WITHIN: Final = timedelta(days=60)
LONGEST: Final = 10_000
WEIGHT: Final = {Decision.Action.BAN: 300, Decision.Action.SUSPEND: 300, Decision.Action.PULL: 200}


def readable_by(decision: Decision, user: User | None) -> Target:
    """What the decision is about, for whom it concerns. Raises NotFound for everybody else.

    A closed account cannot sign in: there the link itself is the key.
    """
    target = target_of_row(decision)
    if isinstance(target.thing, User):
        return target
    if user is not None and _concerns(user, target):
        return target
    raise NotFound("There is no such decision.")


def _concerns(user: User, target: Target) -> bool:
    if target.publisher is not None and target.kind != "review" and is_of(user, target.publisher):
        return True
    return user.pk in {person.pk for person in telling.concerned(target)}


@transaction.atomic
def appeal(token: UUID, *, by: User | None, text: str) -> Appeal:
    """Say why a decision is wrong. Raises NotFound for strangers, Conflict for a second appeal, WrongState when it is too late."""
    decision = lock_decision(get_decision(token).pk)
    target = readable_by(decision, by)
    _require_open_to_appeal(decision)
    words, person = _checked(text), _appellant(by, target)
    who = Actor("author", person.pk, person.get_full_name(), target.publisher.tenant_id if target.publisher else None)
    task = open_task(
        kind=ReviewTask.Kind.APPEAL,
        about=target.thing,
        reasons=["appeal"],
        weight_info={"appeal": WEIGHT.get(Decision.Action(decision.action), 100)},
        by=who,
    )
    try:
        with transaction.atomic():
            made = Appeal.objects.create(decision=decision, task=task, by_id=person.pk, by_name=who.name, text=words)
    except IntegrityError:
        raise Conflict(
            "This decision was appealed already; the answer comes to this page.", code="already_appealed"
        ) from None
    activity.record(
        "appeal.made",
        target,
        by=who,
        decision_id=decision.pk,
        appeal=str(made.pk),
    )
    return made


def _appellant(by: User | None, target: Target) -> User:
    person = by or target.thing
    if not isinstance(person, User):
        raise Forbidden("Sign in to appeal.")
    return person


def _require_open_to_appeal(decision: Decision) -> None:
    if decision.undone_at is not None:
        raise WrongState("This decision was taken back; there is nothing to appeal.")
    if timezone.now() - decision.created_at > APPEAL_WITHIN:
        raise WrongState(f"A decision can be appealed for {APPEAL_WITHIN.days} days.", code="too_late")
    if Appeal.objects.filter(decision=decision).exists():
        raise Conflict("This decision was appealed already; the answer comes to this page.", code="already_appealed")


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(f"Write why you see it otherwise, in at most {LONGEST} characters.")
    return words


@transaction.atomic
def claim_appeal(appeal_id: UUID, *, by: User) -> Appeal:
    """Take an appeal to read. Raises Forbidden for who decided first, or confirmed that."""
    found, decision, target = _lock(appeal_id)
    _require_another(decision, by)
    require_reviewer(by, target.publisher)
    task = lock_task(found.task_id)
    require_free(task, by)
    task.claimed_by_id, task.claimed_by_name = by.pk, by.get_full_name()
    task.lease_until = timezone.now() + timedelta(minutes=30)
    task.save(update_fields=["claimed_by_id", "claimed_by_name", "lease_until", "updated_at"])
    found.assigned_to_id = by.pk
    found.save(update_fields=["assigned_to_id", "updated_at"])
    return found


@transaction.atomic
def decide_appeal(appeal_id: UUID, *, overturn: bool, answer: str, by: User) -> Appeal:
    """Let the decision stand, or take it back: then exactly what it changed is put back, and a version is reviewed anew.

    Raises Forbidden for who decided first or confirmed that, WrongState when somebody was faster.
    """
    found, decision, target = _lock(appeal_id)
    _require_another(decision, by)
    require_reviewer(by, target.publisher)
    if not answer.strip():
        raise Invalid("Answer whoever appealed: say why.")
    task = lock_task(found.task_id)
    require_free(task, by)
    found.state = Appeal.State.OVERTURNED if overturn else Appeal.State.UPHELD
    found.decided_by_id, found.decided_by_name, found.decided_at = by.pk, by.get_full_name(), timezone.now()
    found.answer = answer.strip()
    found.outcome = _outcome(found, decision, target, by=by)
    found.save()
    if overturn:
        _take_back(decision, target, by)
    close(task, decision=found.outcome)
    activity.record(
        f"appeal.{found.state}",
        target,
        by=moderator(by),
        decision_id=decision.pk,
    )
    telling.appeal_decided(found, target)
    return found


def _outcome(found: Appeal, decision: Decision, target: Target, *, by: User) -> Decision:
    """The second decision beside the first: it changes nothing itself; an overturned one is put back by its own record."""
    overturned = found.state == Appeal.State.OVERTURNED
    now = timezone.now()
    return Decision.objects.create(
        task=found.task,
        action=Decision.Action.DISMISS if overturned else Decision.Action.UPHOLD,
        reasoning=found.answer,
        decided_by_id=by.pk,
        decided_by_name=by.get_full_name(),
        source=Decision.Source.SECOND_LEVEL,
        execute_at=now,
        executed_at=now,
        override_of=decision if overturned else None,
        **target.columns,
    )


def _take_back(decision: Decision, target: Target, by: User) -> None:
    """A version is reviewed anew. Where its publisher has sent another meanwhile, nothing is left to put back."""
    why, who = "Taken back on appeal.", moderator(by)
    judged = isinstance(target.thing, ListingVersion) and "review_state" in decision.prior_state
    if judged and not effects.stands_as_left(decision, cast("ListingVersion", target.thing)):
        return
    executing.put_back(decision, by=who, user=by, why=why)
    if judged:
        reasons, points = ["appeal"], {"appeal": 100}
        open_task(kind=ReviewTask.Kind.VERSION, about=target.thing, reasons=reasons, weight_info=points, by=who)


def _lock(appeal_id: UUID) -> tuple[Appeal, Decision, Target]:
    decision_id = Appeal.objects.filter(pk=appeal_id).values_list("decision_id", flat=True).first()
    if decision_id is None:
        raise NotFound("There is no such appeal.")
    decision = lock_decision(decision_id)
    found = Appeal.objects.select_for_update(of=("self",)).select_related("task").get(pk=appeal_id)
    if found.state != Appeal.State.OPEN:
        raise WrongState(f"{found.decided_by_name} decided this appeal already.", code="already_decided")
    return found, decision, target_of_row(decision)


def _require_another(decision: Decision, by: User) -> None:
    if by.pk in {decision.decided_by_id, decision.confirmed_by_id}:
        raise Forbidden("You had a part in this decision; an appeal is decided by somebody else.", code="same_person")

"""From a verdict to a decision that is carried out, waits for its moment, or waits for a second person."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from marketplace.models import ListingVersion
from marketplace.moderation import activity, effects
from marketplace.moderation.access import require_reviewer
from marketplace.moderation.actors import SYSTEM, Actor, moderator
from marketplace.moderation.holding import hold_reason
from marketplace.moderation.locking import lock_target
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.services import executing, telling
from marketplace.moderation.services.tasks import lock_task, open_again, require_free
from marketplace.moderation.targets import ReviewOf, Target, Thing, target_of, target_of_row
from marketplace.moderation.verdicts import Verdict
from tenants.errors import FieldError, Invalid, Stale, WrongState
from tenants.models import User

Action = Decision.Action


@transaction.atomic
def decide(about: ReviewTask | Thing | ReviewOf, *, verdict: Verdict, by: User) -> Decision:
    """Judge a task, or a thing that nobody put into the queue.

    One that is adverse has its reasons, evidence, rule and explanation, or is refused. It is carried out at once, unless it
    has a delay or needs a second person. Raises Forbidden for the publisher's own people, WrongState when somebody was faster.
    """
    target = target_of_row(about) if isinstance(about, ReviewTask) else target_of(about)
    require_reviewer(by, target.publisher)
    check(verdict, target)
    target = lock_target(target)
    _require_same_content(verdict, target)
    task = _task_for(about, by)
    decision = _store(verdict, target, task=task, by=by)
    activity.record(f"decision.{verdict.action}", target, by=moderator(by), decision_id=decision.pk,
        held=decision.held_reason,
    )  # fmt: skip
    if decision.held:
        _wait_for_a_second_person(decision, target)
    elif decision.execute_at <= timezone.now():
        executing.execute(decision, by=moderator(by))
    else:
        executing.close_task(decision)
    return decision


@transaction.atomic
def decide_automatically(version: ListingVersion, *, verdict: Verdict, by: Actor = SYSTEM) -> Decision:
    """What the checks decide about a version that they are at: approve it, or ask for changes. It can be appealed like any other."""
    if verdict.action not in {Action.APPROVE, Action.REQUEST_CHANGES}:
        raise Invalid("Only people reject, pull, warn or ban.")
    target = target_of(version)
    check(verdict, target)
    decision = _store(verdict, lock_target(target), task=None, by=None)
    executing.execute(decision, by=by)
    return decision


def check(verdict: Verdict, target: Target) -> None:
    """Raises Invalid with every field that an adverse verdict lacks, before the database would refuse it."""
    effects.check_possible(verdict.action, target)
    if not verdict.is_adverse:
        return
    missing = {
        "reason_codes": not verdict.reason_codes,
        "evidence": not any(any(piece.as_row().values()) for piece in verdict.evidence),
        "policy": verdict.policy is None,
        "reasoning": not verdict.reasoning.strip(),
    }
    faults = [FieldError(name, "required", _NEEDED[name]) for name, lacks in missing.items() if lacks]
    if faults:
        raise Invalid("A decision against somebody says why: " + " ".join(f.detail for f in faults), errors=faults)


_NEEDED = {
    "reason_codes": "Choose at least one reason.",
    "evidence": "Name the place or quote the words.",
    "policy": "Name the rule that it breaks.",
    "reasoning": "Explain it to the author.",
}


def _require_same_content(verdict: Verdict, target: Target) -> None:
    if not isinstance(target.thing, ListingVersion) or not verdict.digest:
        return
    if verdict.digest != target.thing.digest:
        raise Stale("Its publisher sent other content since you opened the page. Read it again, then decide.")


def _task_for(about: ReviewTask | Thing | ReviewOf, by: User) -> ReviewTask | None:
    """The task, locked and free; for a version, the one that is open about it."""
    task_id = about.pk if isinstance(about, ReviewTask) else _open_task_of(about)
    if task_id is None:
        return None
    task = lock_task(task_id)
    require_free(task, by)
    _require_no_verdict(task)
    if task.kind == ReviewTask.Kind.APPEAL:
        raise WrongState("An appeal is decided as an appeal.")
    return task


def _open_task_of(about: Thing | ReviewOf) -> UUID | None:
    if not isinstance(about, ListingVersion):
        return None
    tasks = ReviewTask.objects.filter(version=about, kind=ReviewTask.Kind.VERSION, state=ReviewTask.State.OPEN)
    return tasks.values_list("pk", flat=True).first()


def _require_no_verdict(task: ReviewTask) -> None:
    waiting = Decision.objects.filter(task=task, undone_at=None).first()
    if waiting is not None:
        raise WrongState(
            f"{waiting.decided_by_name} decided this already; it waits for a second person.", code="already_decided"
        )


def _store(verdict: Verdict, target: Target, *, task: ReviewTask | None, by: User | None) -> Decision:
    held_reason = hold_reason(action=verdict.action, severity=verdict.how_hard, target=target) if by else ""
    return Decision.objects.create(
        task=task,
        action=verdict.action,
        severity=verdict.how_hard,
        reason_codes=[code.value for code in verdict.reason_codes],
        evidence=[piece.as_row() for piece in verdict.evidence],
        policy=verdict.policy,
        policy_text=verdict.policy.text if verdict.policy else "",
        reasoning=verdict.reasoning.strip(),
        private_note=verdict.private_note.strip(),
        content_digest=target.thing.digest if isinstance(target.thing, ListingVersion) else "",
        decided_by_id=by.pk if by else None,
        decided_by_name=by.get_full_name() if by else SYSTEM.name,
        source=Decision.Source.MODERATOR if by else Decision.Source.AUTOMATION,
        held=bool(held_reason),
        held_reason=held_reason,
        execute_at=timezone.now() + verdict.delay,
        appeal_token=uuid4() if verdict.is_adverse else None,
        **target.columns,
    )


def _wait_for_a_second_person(decision: Decision, target: Target) -> None:
    """The task stays in the queue, free for somebody else."""
    if decision.task is not None:
        open_again(lock_task(decision.task.pk), reason="second person")
    telling.second_person_needed(decision, target)

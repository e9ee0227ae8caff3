"""What happened to a version, for the people who sent it in: every move, every decision with its reasons, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from marketplace.models import ListingVersion
from marketplace.moderation.models import ActivityLog, Decision, ReviewTask
from marketplace.moderation.services.telling import link_of
from marketplace.sandbox import evaluating
from marketplace.sandbox.models import EvaluationRun

States = ListingVersion.ReviewState
MOST = 100
SAYS = {
    "version.submitted": "Sent in",
    "version.checking": "Being checked",
    "version.in_review": "Waiting for a reviewer",
    "version.changes_requested": "Changes are asked for",
    "version.approved": "Approved",
    "version.published": "On the market",
    "version.rejected": "Rejected",
    "version.withdrawn": "Withdrawn",
    "version.reopened": "Looked at again",
    "version.deprecated": "Deprecated",
    "version.yanked": "No longer offered",
    "version.available": "Offered again",
}
SAID = {
    "approve": "Approved",
    "request_changes": "Changes are asked for",
    "reject": "Rejected",
    "pull": "Taken off the market",
}
NEXT = {
    States.SUBMITTED: "The checks begin in a moment.",
    States.CHECKING: "The checks are made, and its own cases are tried in the sandbox.",
    States.CHANGES_REQUESTED: "Mend what is asked and send it again under the same number, or answer if you see it otherwise.",
    States.IN_REVIEW: "Somebody of the platform reads it. You need do nothing.",
    States.APPROVED: "It is being put on the market.",
    States.PUBLISHED: "People can install it.",
    States.REJECTED: "It is not published. The reasons are below; you may appeal.",
    States.WITHDRAWN: "It was taken back. A new version takes a higher number.",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `text` is in somebody's own words."""

    at: datetime
    title: str
    who: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What the platform said about it, as its author reads it. `appeal` is the way to say otherwise, empty where there is none."""

    decision: Decision
    title: str
    appeal: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version is. `ahead` counts what a reviewer reads before it, `due_at` is when it will have been read."""

    next: str
    moments: list[Moment]
    messages: list[Message]
    evaluation: EvaluationRun | None
    ahead: int = 0
    due_at: datetime | None = None
    delays: list[str] = field(default_factory=list)


def standing_of(version: ListingVersion) -> Standing:
    """Everything that its publisher is told."""
    evaluation = evaluating.latest(version)
    task = ReviewTask.objects.filter(version=version, kind=ReviewTask.Kind.VERSION, state=ReviewTask.State.OPEN).first()
    waits = version.review_state == States.CHECKING
    return Standing(
        next=NEXT.get(States(version.review_state), ""),
        moments=_moments(version),
        messages=_messages(version),
        evaluation=evaluation,
        ahead=_ahead(task) if task else 0,
        due_at=task.due_at if task else None,
        delays=[evaluation.note] if waits and evaluation and evaluation.note else [],
    )


def _moments(version: ListingVersion) -> list[Moment]:
    lines = ActivityLog.objects.filter(target_type="version", target_id=version.pk, action__in=SAYS)
    return [
        Moment(line.at, SAYS[line.action], _who(line), "" if line.decision_id else str(line.detail.get("reason", "")))
        for line in lines.order_by("at", "id")[:MOST]
    ]


def _who(line: ActivityLog) -> str:
    """Reviewers are not named to authors."""
    return "A reviewer" if line.actor_kind == ActivityLog.ActorKind.MODERATOR else line.actor_name


def _messages(version: ListingVersion) -> list[Message]:
    told = Decision.objects.filter(version=version, executed_at__isnull=False, undone_at__isnull=True)
    found = told.select_related("policy").order_by("-created_at")[:MOST]
    return [
        Message(decision, SAID.get(decision.action, decision.get_action_display()), link_of(decision))
        for decision in found
    ]


def _ahead(task: ReviewTask) -> int:
    """How many open tasks come before this one in the queue, by weight and day."""
    queue = ReviewTask.objects.filter(state=ReviewTask.State.OPEN)
    heavier = queue.filter(weight__gt=task.weight).count()
    return heavier + queue.filter(weight=task.weight, due_at__lt=task.due_at).count() if task.due_at else heavier

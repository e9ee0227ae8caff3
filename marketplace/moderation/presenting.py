"""A decision as the people whom it concerns read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from marketplace.moderation.models import Appeal, Decision, ReasonCode
from marketplace.moderation.services import telling
from marketplace.moderation.services.appealing import APPEAL_WITHIN
from marketplace.moderation.targets import Target, target_of_row


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """As it was on the day."""

    number: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """`state` is stands, appealed, upheld or taken_back; `by` says whether people or checks decided, never who."""

    token: UUID
    action: str
    says: str
    about: str
    kind: str
    url: str
    state: str
    by: str
    reasons: tuple[Reason, ...]
    evidence: tuple[dict[str, str], ...]
    rule: Rule
    reasoning: str
    decided_at: datetime
    appeal_until: datetime
    may_appeal: bool
    appeal: Appeal | None


def shown(decision: Decision) -> Shown:
    """Raises NotFound when what it was about is gone; needs an adverse decision."""
    target, appeal = target_of_row(decision), getattr(decision, "appeal", None)
    if decision.policy is None or decision.appeal_token is None:
        raise TypeError("Only a decision against somebody is shown to them.")
    until = decision.created_at + APPEAL_WITHIN
    return Shown(
        token=decision.appeal_token,
        action=decision.action,
        says=telling.SAYS[Decision.Action(decision.action)].format(name=target.name),
        about=target.name,
        kind=target.kind,
        url=telling.page_of(target) if _has_page(target) else "",
        state=_state(decision, appeal),
        by="checks" if decision.source == Decision.Source.AUTOMATION else "moderator",
        reasons=tuple(Reason(code, ReasonCode(code).label) for code in decision.reason_codes),
        evidence=tuple(decision.evidence),
        rule=Rule(decision.policy.number, decision.policy.title, decision.policy_text),
        reasoning=decision.reasoning,
        decided_at=decision.created_at,
        appeal_until=until,
        may_appeal=appeal is None and decision.undone_at is None and until > timezone.now(),
        appeal=appeal,
    )


def _has_page(target: Target) -> bool:
    return target.publisher is not None if target.listing is None else target.listing.published_at is not None


def _state(decision: Decision, appeal: Appeal | None) -> str:
    if appeal is None:
        return "taken_back" if decision.undone_at else "stands"
    return {"open": "appealed", "upheld": "upheld", "overturned": "taken_back"}[appeal.state]

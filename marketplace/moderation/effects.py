"""What carrying a decision out changes, and how exactly that is put back.

Each effect answers what it changed, as it was before: that is the decision's `prior_state`, and all that is ever put back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from marketplace.enforcement import services as enforcement
from marketplace.enforcement.models import Block
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation import activity, transitions
from marketplace.moderation.actors import Actor
from marketplace.moderation.models import Decision
from marketplace.moderation.targets import Target, reviews, target_of_row
from tenants import services as tenants
from tenants.errors import Invalid, WrongState
from tenants.models import Tenant, User

Action = Decision.Action
State = ListingVersion.ReviewState
Standing = Publisher.Standing
Prior = dict[str, Any]

POSSIBLE: Final[dict[str, frozenset[Action]]] = {
    "version": frozenset({Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT, Action.PULL, Action.RESTORE}),
    "listing": frozenset({Action.PULL, Action.RESTORE}),
    "publisher": frozenset({Action.WARN, Action.RESTRICT, Action.BAN, Action.REINSTATE}),
    "review": frozenset({Action.PULL, Action.RESTORE}),
    "user": frozenset({Action.SUSPEND, Action.REINSTATE}),
    "tenant": frozenset({Action.SUSPEND, Action.REINSTATE}),
}
LEADS_TO: Final = {
    Action.APPROVE: State.APPROVED,
    Action.REQUEST_CHANGES: State.CHANGES_REQUESTED,
    Action.REJECT: State.REJECTED,
}
STANDS_AS: Final = {
    Action.WARN: Standing.WARNED,
    Action.RESTRICT: Standing.RESTRICTED,
    Action.BAN: Standing.BANNED,
    Action.REINSTATE: Standing.GOOD,
}
CHANGES_NOTHING: Final = frozenset({Action.DISMISS, Action.UPHOLD})


def check_possible(action: Action, target: Target) -> None:
    if action not in POSSIBLE[target.kind] | CHANGES_NOTHING:
        raise Invalid(f"To {action.label.lower()} is not possible for a {target.kind}.")


def carry_out(decision: Decision, target: Target, by: Actor) -> Prior:
    """Do what `decision` says. Raises WrongState when the thing is no longer as it was when it was judged."""
    action = Action(decision.action)
    if action in CHANGES_NOTHING:
        return {}
    return _EFFECTS[target.kind](decision, target, by)


def _on_version(decision: Decision, target: Target, by: Actor) -> Prior:
    if decision.action not in LEADS_TO:
        return _on_offer(decision, target, by)
    version = transitions.lock(target.pk)
    if decision.content_digest and version.digest != decision.content_digest:
        raise WrongState(f"{version} is not what was read: its content has another digest by now.")
    before, listing = version.review_state, version.listing
    prior = {
        "review_state": before,
        "current_version": _text(listing.current_version_id),
        "listed": _text(listing.published_at),
    }
    automatic = decision.source == Decision.Source.AUTOMATION
    transitions.move(
        version.pk,
        to=LEADS_TO[Action(decision.action)],
        expected={State.CHECKING} if automatic else {State.IN_REVIEW},
        by=by,
        reason=decision.reasoning,
        decision=decision,
    )
    version.refresh_from_db(fields=["review_state"])
    return {**prior, "became": version.review_state}


def _on_offer(decision: Decision, target: Target, by: Actor) -> Prior:
    if decision.action == Action.RESTORE:
        lifted = _active_blocks(target)
        if not lifted:
            raise WrongState(f"{target.name} is not blocked.")
        for block in lifted:
            enforcement.lift(block, by=by)
        return {"lifted": [str(block.pk) for block in lifted]}
    return {"blocks": [str(_block(decision, target, by).pk)]}


def _on_publisher(decision: Decision, target: Target, by: Actor) -> Prior:
    publisher = cast("Publisher", target.thing)
    to = STANDS_AS[Action(decision.action)]
    was = Standing(Publisher.objects.values_list("standing", flat=True).get(pk=publisher.pk))
    prior: Prior = {"standing": was.value, "became": to.value}
    transitions.set_standing(publisher.pk, to=to, expected={was}, by=by, decision=decision)
    if decision.action == Action.BAN:
        prior["blocks"] = [str(_block(decision, target, by).pk)]
    if decision.action == Action.REINSTATE:
        lifted = _active_blocks(target)
        for block in lifted:
            enforcement.lift(block, by=by)
        prior["lifted"] = [str(block.pk) for block in lifted]
    return prior


def _on_review(decision: Decision, target: Target, by: Actor) -> Prior:
    hidden = decision.action == Action.PULL
    if hidden:
        reviews().hide(target.pk, decision.reasoning)
    else:
        reviews().show(target.pk)
    activity.record(
        f"review.{'hidden' if hidden else 'shown'}",
        target,
        by=by,
        decision_id=decision.pk,
    )
    return {"hidden": not hidden}


def _on_user(decision: Decision, target: Target, by: Actor) -> Prior:
    user = User.objects.select_for_update(no_key=True).get(pk=target.pk)
    prior = {"is_active": user.is_active}
    tenants.set_active(user=user, active=decision.action == Action.REINSTATE)
    activity.record(f"user.{decision.action}", user, by=by, decision_id=decision.pk)
    return {**prior, "became": user.is_active}


def _on_tenant(decision: Decision, target: Target, by: Actor) -> Prior:
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=target.pk)
    prior = {"status": tenant.status}
    tenants.set_suspended(tenant=tenant, suspended=decision.action == Action.SUSPEND)
    activity.record(f"tenant.{decision.action}", tenant, by=by, decision_id=decision.pk)
    return {**prior, "became": tenant.status}


def _block(decision: Decision, target: Target, by: Actor) -> Block:
    hard = decision.action == Action.BAN or decision.severity == "hard"
    return enforcement.block(
        kind=Block.Kind.HARD if hard else Block.Kind.SOFT,
        scope=Block.Scope(target.kind),
        target=cast("ListingVersion | Listing | Publisher", target.thing),
        decision=decision,
        reason=decision.reasoning,
        by=_decider(decision, by),
    )


def _decider(decision: Decision, by: Actor) -> Actor:
    """A block is set by who decided it; who confirmed the decision is the block's second person."""
    return Actor("moderator", decision.decided_by_id, decision.decided_by_name) if decision.decided_by_id else by


def _active_blocks(target: Target) -> list[Block]:
    return list(Block.objects.active().filter(scope=target.kind, **target.columns).order_by("created_at"))


_EFFECTS: Final[dict[str, Callable[[Decision, Target, Actor], Prior]]] = {
    "version": _on_version,
    "listing": _on_offer,
    "publisher": _on_publisher,
    "review": _on_review,
    "user": _on_user,
    "tenant": _on_tenant,
}


def take_back(decision: Decision, by: Actor) -> None:
    """Put back what `decision` changed, and nothing else: what somebody changed after it stays as they left it."""
    target, prior = target_of_row(decision), decision.prior_state
    for block in Block.objects.filter(pk__in=prior.get("blocks", []), lifted_at=None):
        enforcement.lift(block, by=by)
    for block in Block.objects.filter(pk__in=prior.get("lifted", [])):
        _block_again(block, decision, by)
    if "review_state" in prior:
        _reopen(decision, target, by)
    if "standing" in prior:
        _stand_as_before(decision, target, by)
    if "hidden" in prior:
        _show_as_before(target, hidden=prior["hidden"], reason=decision.reasoning)
    if isinstance(target.thing, User | Tenant):
        _open_as_before(target.thing, prior)


def stands_as_left(decision: Decision, version: ListingVersion) -> bool:
    """Whether the version's review is still where `decision` brought it."""
    became = decision.prior_state["became"]
    followed = became == State.APPROVED and version.review_state == State.PUBLISHED
    return version.review_state == became or followed


def _reopen(decision: Decision, target: Target, by: Actor) -> None:
    """Back into review. Who follows that state takes a published version off its listing."""
    version = transitions.lock(target.pk)
    if not stands_as_left(decision, version):
        raise WrongState(f"{version} has gone on since: it is {version.get_review_state_display().lower()}.")
    transitions.reopen(version.pk, decision=decision, by=by)


def _block_again(block: Block, decision: Decision, by: Actor) -> None:
    target = block.version or block.listing or block.publisher
    if target is not None:
        enforcement.block(
            kind=Block.Kind(block.kind),
            scope=Block.Scope(block.scope),
            target=target,
            decision=block.decision or decision,
            reason=block.reason,
            by=by,
            expires=block.expires_at,
        )


def _stand_as_before(decision: Decision, target: Target, by: Actor) -> None:
    """Unless somebody changed the standing after this decision: then that one counts."""
    became, before = Standing(decision.prior_state["became"]), Standing(decision.prior_state["standing"])
    if Publisher.objects.filter(pk=target.pk, standing=became).exists():
        transitions.set_standing(target.pk, to=before, expected={became}, by=by, decision=decision)


def _show_as_before(target: Target, *, hidden: bool, reason: str) -> None:
    if hidden:
        reviews().hide(target.pk, reason)
    else:
        reviews().show(target.pk)


def _open_as_before(thing: User | Tenant, prior: Prior) -> None:
    if isinstance(thing, User) and thing.is_active == prior.get("became"):
        tenants.set_active(user=thing, active=prior["is_active"])
    elif isinstance(thing, Tenant) and thing.status == prior.get("became"):
        tenants.set_suspended(tenant=thing, suspended=prior["status"] == Tenant.Status.SUSPENDED)


def _text(value: UUID | datetime | None) -> str | None:
    return None if value is None else str(value)

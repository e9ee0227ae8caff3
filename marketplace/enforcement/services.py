"""Setting and lifting blocks. Each in one transaction with its revocations and the epoch; workers hear of it after the commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from marketplace.enforcement.closing import close, expire_due, lock
from marketplace.enforcement.covering import marks_of, revoke_under
from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import blocked_digests, effective
from marketplace.enforcement.telling import tell_soon
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation import activity
from marketplace.moderation.actors import SYSTEM, Actor
from marketplace.moderation.models import Decision
from tenants.errors import Forbidden, Invalid, WrongState
from tenants.provenance.revoking import restore

__all__ = ["block", "block_by_itself", "blocked_digests", "confirm", "effective", "expire_due", "lift", "sign_off"]

UNCONFIRMED_HOURS = 72
Target = ListingVersion | Listing | Publisher | str


@transaction.atomic
def block(  # noqa: PLR0913 - each by its name
    *,
    kind: Block.Kind | str,
    scope: Block.Scope | str,
    target: Target,
    reason: str,
    by: Actor,
    decision: Decision | None = None,
    expires: datetime | None = None,
    reason_code: str = "",
    needs_signoff: bool = False,
) -> Block:
    """Block `target`: a version, listing, publisher, or the text of a digest or of a tool's name.

    With `needs_signoff` a hard block works as a soft one until a second person has agreed (`sign_off`). A decision that was confirmed
    by somebody else brings that agreement along.
    """
    _hold(target)
    made = Block(
        kind=Block.Kind(kind),
        scope=Block.Scope(scope),
        reason=reason.strip(),
        reason_code=reason_code or (decision.reason_codes[0] if decision and decision.reason_codes else ""),
        decision=decision,
        created_by_id=by.user_id,
        created_by_name=by.name,
        expires_at=expires,
        **_aimed(Block.Scope(scope), target),
        **_signed(Block.Kind(kind), decision, by, needs=needs_signoff),
    )
    if not made.reason:
        raise Invalid("Say why, for everybody who holds it.", code="reason")
    made.save()
    revoke_under(made, marks_of(made))
    activity.record("block.set", made, by=by, decision_id=decision.pk if decision else None, kind=made.kind)
    tell_soon(made)
    return made


def block_by_itself(*, scope: Block.Scope | str, target: Target, reason: str, reason_code: str) -> Block:
    """The platform's own doubt: no new installations, for 72 hours unless a person confirms it."""
    expires = timezone.now() + timedelta(hours=UNCONFIRMED_HOURS)
    return block(
        kind=Block.Kind.SOFT,
        scope=scope,
        target=target,
        reason=reason,
        by=SYSTEM,
        expires=expires,
        reason_code=reason_code,
    )


@transaction.atomic
def confirm(block: Block, *, by: Actor) -> Block:
    """A person stands behind a block that would have expired."""
    held = lock(block)
    _require_open(held)
    held.expires_at = None
    held.save(update_fields=["expires_at", "updated_at"])
    activity.record("block.confirmed", held, by=by)
    return held


@transaction.atomic
def sign_off(block: Block, *, by: Actor, agree: bool) -> Block:
    """A second person's word on a hard block: from then on it is hard, or it is lifted."""
    held = lock(block)
    _require_open(held)
    if held.signoff != Block.SignOff.PENDING:
        raise WrongState("Nobody is asked for a second opinion on this block.")
    if by.user_id is None or by.user_id == held.created_by_id:
        raise Forbidden("Somebody else than who set the block has to agree to it.")
    held.signoff = Block.SignOff.APPROVED if agree else Block.SignOff.REJECTED
    held.signoff_by_id, held.signoff_by_name, held.signoff_at = by.user_id, by.name, timezone.now()
    held.save(update_fields=["signoff", "signoff_by_id", "signoff_by_name", "signoff_at", "updated_at"])
    restore(block_id=held.pk)
    activity.record(f"block.signoff_{held.signoff}", held, by=by)
    if not agree:
        return close(held, by, "The second person did not agree.")
    revoke_under(held, marks_of(held))
    tell_soon(held)
    return held


@transaction.atomic
def lift(block: Block, by: Actor, *, why: str = "") -> Block:
    """Take one block back: what it stopped may go on, unless another block stops it too."""
    held = lock(block)
    _require_open(held)
    return close(held, by, why)


def _require_open(held: Block) -> None:
    if held.lifted_at is not None:
        raise WrongState(f"This block was lifted already, by {held.lifted_by_name}.")


def _hold(target: Target) -> None:
    """Lock the listings that it covers: whatever is published after this is covered when it is published."""
    if isinstance(target, Listing | Publisher):
        covered = {"pk": target.pk} if isinstance(target, Listing) else {"publisher": target}
        list(Listing.objects.select_for_update(no_key=True).filter(**covered).order_by("pk").values_list("pk"))


def _aimed(scope: Block.Scope, target: Target) -> dict[str, Any]:
    wanted = {Block.Scope.VERSION: ListingVersion, Block.Scope.LISTING: Listing, Block.Scope.PUBLISHER: Publisher}.get(
        scope, str
    )
    if not isinstance(target, wanted) or target == "":
        raise Invalid(f"A block of {scope.label.lower()} needs a {wanted.__name__}.", code="target")
    return {scope.value: target}


def _signed(kind: Block.Kind, decision: Decision | None, by: Actor, *, needs: bool) -> dict[str, Any]:
    """Whose second word there is already."""
    if kind == Block.Kind.HARD and decision is not None and decision.confirmed_by_id not in {None, by.user_id}:
        return {
            "signoff": Block.SignOff.APPROVED,
            "signoff_by_id": decision.confirmed_by_id,
            "signoff_by_name": decision.confirmed_by_name,
            "signoff_at": decision.confirmed_at,
        }
    return {"signoff": Block.SignOff.PENDING if kind == Block.Kind.HARD and needs else Block.SignOff.AUTO}

"""Blocks from the console: setting those that are about no listing, lifting, standing behind one, agreeing as the second person."""

from __future__ import annotations

from marketplace.console import roles
from marketplace.enforcement import services as enforcement
from marketplace.enforcement.models import Block
from marketplace.moderation.access import require_reviewer
from marketplace.moderation.actors import moderator
from tenants.errors import Forbidden, Invalid
from tenants.models import User

LIFT, STAND, AGREE, REFUSE = "lift", "stand", "agree", "refuse"
WORDS = {LIFT: "lifted", STAND: "it stays", AGREE: "confirmed", REFUSE: "not confirmed, and so lifted"}


def set_block(*, scope: str, target: str, kind: str, reason_code: str, reason: str, by: User) -> Block:
    """Block a manifest by its digest or a tool by its name. A hard one is soft until a second person has agreed."""
    require_reviewer(by, None)
    if scope not in {Block.Scope.DIGEST, Block.Scope.TOOL}:
        raise Invalid("What belongs to a publisher is blocked by a decision about it.")
    return enforcement.block(
        kind=kind,
        scope=scope,
        target=target.strip(),
        reason=reason,
        reason_code=reason_code,
        by=moderator(by),
        needs_signoff=True,
    )


def possible(block: Block, user: User) -> tuple[str, ...]:
    """What this moderator may do with a block."""
    if block.lifted_at is not None:
        return ()
    own = block.created_by_id == user.pk
    if block.signoff == Block.SignOff.PENDING:
        return (AGREE, REFUSE) if roles.is_senior(user) and not own else (LIFT,) if own else ()
    if block.decision_id is not None:
        return ()  # it goes by a decision to restore, with a second person where the rule says so
    hard = block.kind == Block.Kind.HARD
    may_lift = not hard or (roles.is_senior(user) and not own)
    return ((STAND,) if block.expires_at else ()) + ((LIFT,) if may_lift else ())


def do(block: Block, deed: str, *, why: str, by: User) -> str:
    """Carry out one of what is possible; answers what became of it."""
    listing = block.version.listing if block.version else block.listing
    require_reviewer(by, listing.publisher if listing else block.publisher)
    if deed not in possible(block, by):
        raise Forbidden("You may not do this with this block. A hard one takes another, senior moderator.")
    who = moderator(by)
    if deed == LIFT:
        if not why.strip():
            raise Invalid("Say why it is lifted.")
        enforcement.lift(block, by=who, why=why.strip())
    elif deed == STAND:
        enforcement.confirm(block, by=who)
    else:
        enforcement.sign_off(block, by=who, agree=deed == AGREE)
    return WORDS[deed]

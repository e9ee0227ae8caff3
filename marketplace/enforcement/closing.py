"""The end of a block, by a person or by its own time."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from marketplace.enforcement.models import Block
from marketplace.enforcement.telling import tell_soon
from marketplace.moderation import activity
from marketplace.moderation.actors import SYSTEM, Actor
from tenants.errors import NotFound
from tenants.provenance.revoking import restore


def lock(block: Block) -> Block:
    """The block's row, locked until the transaction ends. Raises NotFound."""
    found = Block.objects.select_for_update(of=("self",)).filter(pk=block.pk).first()
    if found is None:
        raise NotFound("There is no such block.")
    return found


def close(held: Block, by: Actor, why: str) -> Block:
    """Lift a block whose row the caller has locked: exactly what it revoked is free of it."""
    held.lifted_at, held.lifted_by_id, held.lifted_by_name = timezone.now(), by.user_id, by.name
    held.lifted_why = why[:300]
    held.save(update_fields=["lifted_at", "lifted_by_id", "lifted_by_name", "lifted_why", "updated_at"])
    restore(block_id=held.pk)
    activity.record("block.lifted", held, by=by, decision_id=held.decision_id, why=why)
    tell_soon(held)
    return held


def expire_due() -> int:
    """Lift what has run out; how many that were."""
    due = Block.objects.filter(lifted_at__isnull=True, expires_at__lte=timezone.now())
    return sum(_expired(found) for found in due)


@transaction.atomic
def _expired(block: Block) -> bool:
    held = lock(block)
    if held.lifted_at is not None or held.expires_at is None or held.expires_at > timezone.now():
        return False
    close(held, SYSTEM, "Nobody confirmed it in time.")
    return True

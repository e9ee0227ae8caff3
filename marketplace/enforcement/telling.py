"""Telling the admins of workspaces that hold something about its block, and about its end."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from marketplace.enforcement.covering import page_of
from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import holders
from tenants.models import Membership, Tenant, User
from tenants.notifications.services import notify

TELL = "enforcement.tell"
ADMINS = (Membership.Role.OWNER, Membership.Role.ADMIN)
DOES = {
    "warn": "It goes on working.",
    "soft": "It goes on working where it is installed; nobody can install it anew.",
    "hard": "Its runs were stopped and it starts nowhere. Nothing of yours was deleted; if the block is lifted, all of it works again.",
}
LOOKED_BACK = timedelta(days=2)


def tell_soon(block: Block) -> None:
    """After the commit, by a worker. A message that is lost is made up for by the next look of `enforcement.keep`."""
    transaction.on_commit(partial(_send, block.pk))


def _send(block_id: UUID) -> None:
    with suppress(OperationalError, OSError):
        current_app.send_task(TELL, args=[str(block_id)], queue="upkeep", retry=False)


def untold() -> list[UUID]:
    """Blocks that have changed lately and whose holders have heard of something else last."""
    recent = Block.objects.filter(updated_at__gte=timezone.now() - LOOKED_BACK)
    return [block.pk for block in recent if block.told != block.state]


def tell_holders(block_id: UUID | str) -> int:
    """Tell the admins of every workspace that holds it; how many workspaces that were. Told twice, they hear it once."""
    block = Block.objects.select_related("version__listing", "listing", "publisher").filter(pk=block_id).first()
    if block is None or block.told == block.state:
        return 0
    tenants = list(Tenant.objects.filter(pk__in=holders(block), status=Tenant.Status.ACTIVE))
    for tenant in tenants:
        _tell(block, tenant)
    Block.objects.filter(pk=block.pk).update(told=block.state)
    return len(tenants)


def _tell(block: Block, tenant: Tenant) -> None:
    lifted = block.lifted_at is not None
    notify(
        users=User.objects.filter(memberships__tenant=tenant, memberships__role__in=ADMINS),
        kind="restored" if lifted else "pulled",
        title=f"{block.target_name} {'is free again' if lifted else 'was blocked on the marketplace'}",
        text="The block was lifted; all of it works as before." if lifted else f"{block.reason} {DOES[block.force]}",
        url=page_of(block) or "/market/",
        tenant=tenant,
        key=f"block:{block.pk}:{block.state}",
    )

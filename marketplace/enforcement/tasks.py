"""What happens beside blocks: those that run out are lifted, and the admins of every workspace that holds the thing are told."""

from __future__ import annotations

from celery import shared_task

from marketplace.enforcement.closing import expire_due
from marketplace.enforcement.telling import TELL, tell_holders, untold
from tenants.tasks import PublicTask


@shared_task(base=PublicTask, name="enforcement.keep")
def keep() -> None:
    """Every half minute: lift what has run out, and tell what a lost message left untold."""
    expire_due()
    for block_id in untold():
        tell_holders(block_id)


@shared_task(base=PublicTask, name=TELL)
def tell(block_id: str) -> None:
    """Tell them of a block as it stands now. Sent twice, it is told once."""
    tell_holders(block_id)

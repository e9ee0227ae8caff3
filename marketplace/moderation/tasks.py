"""What the clock wakes: decisions whose moment has come, and versions that several workspaces report."""

from __future__ import annotations

from celery import shared_task

from marketplace.moderation import services
from tenants.tasks import PublicTask


@shared_task(base=PublicTask, name="moderation.execute_due")
def execute_due() -> None:
    services.execute_due()


@shared_task(base=PublicTask, name="moderation.look_at_accused")
def look_at_accused() -> None:
    services.open_for_accused()

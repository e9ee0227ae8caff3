"""What beat asks for."""

from __future__ import annotations

from celery import shared_task

from marketplace.evidence import folding
from tenants.tasks import PublicTask


@shared_task(base=PublicTask, name="evidence.fold")
def fold() -> None:
    folding.fold()

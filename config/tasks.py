"""The platform's own beat."""

from __future__ import annotations

from celery import shared_task

from config import health
from projects.realtime import publish
from tenants.context import PUBLIC
from tenants.tasks import PublicTask


@shared_task(base=PublicTask, name="config.publish_health")
def publish_health() -> None:
    """Tell whoever watches how the platform is."""
    publish("system:health", health.message(), schema=PUBLIC)

"""The platform's own beat."""

from __future__ import annotations

from celery import shared_task

from config import health
from projects.realtime import publish
from tenants.context import PUBLIC


@shared_task(name="config.publish_health", tenant="public", acks_late=False)
def publish_health() -> None:
    """Tell whoever watches how the platform is."""
    publish("system:health", health.message(), schema=PUBLIC)

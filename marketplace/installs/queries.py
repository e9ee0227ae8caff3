"""Counting what is installed."""

from __future__ import annotations

from marketplace.installs.models import Installation


def offered_count() -> int:
    """Of how many installations a newer version is offered."""
    return Installation.objects.filter(state=Installation.State.ACTIVE, offered_version_id__isnull=False).count()

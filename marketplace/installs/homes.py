"""Where what was installed is at home."""

from __future__ import annotations

from django.urls import reverse

from marketplace.installs.models import Installation


def home_of(installation: Installation) -> str:
    """The page of what was installed; where it has none, or is gone, the installation's own."""
    if installation.crew_id is not None:
        return reverse("agents:crew", args=[installation.crew_id])
    if installation.scenario_id is not None:
        return reverse("simulations:scenario", args=[installation.scenario_id])
    if installation.tool_id is not None:
        return reverse("tools:tools")
    return reverse("installs:installation", args=[installation.pk])

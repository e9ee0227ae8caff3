"""From a token to the play that it shows, and from an id to a link."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from projects.sharing.access import gone
from projects.sharing.tokens import read_token
from simulations.models import Simulation, SimulationLink
from tenants.errors import NotFound

SEEN_EVERY = timedelta(minutes=1)


def get_link(simulation: Simulation, link_id: UUID) -> SimulationLink:
    link = SimulationLink.objects.filter(pk=link_id, simulation=simulation).first()
    if link is None:
        raise NotFound("There is no such link to this simulation.")
    return link


def get_shared(text: str) -> SimulationLink:
    """The link with its play, inside its workspace; ended and revoked links are gone."""
    token = read_token(text)
    now = timezone.now()
    found = SimulationLink.objects.select_related("simulation__scenario").filter(revoked_at=None, expires_at__gt=now)
    link = found.filter(digest=token.digest).first() if token else None
    if link is None:
        raise gone()
    if link.last_seen_at is None or now - link.last_seen_at > SEEN_EVERY:
        SimulationLink.objects.filter(pk=link.pk).update(last_seen_at=now)
    return link

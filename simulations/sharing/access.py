"""From a token to the play that it shows, and from an id to a link."""

from __future__ import annotations

from uuid import UUID

from projects.sharing.access import find_link
from simulations.models import Simulation, SimulationLink
from tenants.errors import NotFound


def get_link(simulation: Simulation, link_id: UUID) -> SimulationLink:
    link = SimulationLink.objects.filter(pk=link_id, simulation=simulation).first()
    if link is None:
        raise NotFound("There is no such link to this simulation.")
    return link


def get_shared(text: str) -> SimulationLink:
    """The link with its play, inside its workspace; ended and revoked links are gone."""
    return find_link(SimulationLink.objects.select_related("simulation__scenario"), text)

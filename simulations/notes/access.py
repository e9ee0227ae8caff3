"""From an id to a bookmark of a play."""

from __future__ import annotations

from uuid import UUID

from simulations.models import Bookmark, Simulation
from tenants.errors import NotFound


def get_bookmark(simulation: Simulation, bookmark_id: UUID) -> Bookmark:
    found = Bookmark.objects.filter(pk=bookmark_id, simulation=simulation).first()
    if found is None:
        raise NotFound("There is no such bookmark in this simulation.")
    return found

"""From an id to a row."""

from __future__ import annotations

from uuid import UUID

from simulations.sweeps.models import Sweep
from tenants.access import Member
from tenants.errors import NotFound


def get_sweep(member: Member, sweep_id: UUID) -> Sweep:
    """A sweep of the member's workspace; whoever is in may look."""
    return _found(Sweep.objects.select_related("scenario").filter(pk=sweep_id).first())


def lock(sweep_id: UUID) -> Sweep:
    """The row, held to the end of the transaction."""
    return _found(Sweep.objects.select_for_update().filter(pk=sweep_id).first())


def _found(sweep: Sweep | None) -> Sweep:
    if sweep is None:
        raise NotFound("There is no such sweep in this workspace.")
    return sweep

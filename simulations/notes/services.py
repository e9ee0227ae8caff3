"""What may be done with bookmarks."""

from __future__ import annotations

from django.db import transaction

from simulations import access
from simulations.models import Bookmark, Simulation
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid

MOST_BOOKMARKS = 200


@transaction.atomic
def mark_step(*, simulation: Simulation, step: int, note: str = "", by: Member) -> Bookmark:
    """Mark a step that was played, with a word on why."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if step > simulation.step:
        detail = f"This simulation has played {simulation.step} steps; step {step} is not there yet."
        raise Invalid(detail, errors=[FieldError("step", "out_of_range", detail)])
    if simulation.bookmarks.count() >= MOST_BOOKMARKS:
        raise Conflict(f"This simulation has {MOST_BOOKMARKS} bookmarks; remove one first.", code="too_many")
    return Bookmark.objects.create(
        simulation=simulation, step=step, note=note, made_by_id=by.user_id, made_by=by.name or by.email
    )


@transaction.atomic
def remove_bookmark(*, bookmark: Bookmark, by: Member) -> None:
    require_builder(by)
    audit.record("simulation.bookmark_removed", bookmark.simulation, by=by, step=bookmark.step)
    bookmark.delete()

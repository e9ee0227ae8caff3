"""What a run of a listing usually costs, for many listings at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from marketplace.evidence.models import Cell
from marketplace.models import Listing


def with_costs(listings: Iterable[Listing]) -> list[Listing]:
    """The listings, each with `usual_cost`: US dollars of the middle one of many workspaces' runs, None where few have run it."""
    found = list(listings)
    cells = Cell.objects.filter(is_shown=True, version__in=[listing.current_version_id for listing in found])
    costs: dict[UUID | None, float] = dict(
        cells.order_by("runs").values_list("version_id", "cost_median")
    )  # the model with most runs comes last
    for listing in found:
        listing.usual_cost = costs.get(listing.current_version_id)  # type: ignore[attr-defined]
    return found

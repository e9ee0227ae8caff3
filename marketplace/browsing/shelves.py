"""What the front page of the market shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from marketplace.access import offered, offered_to
from marketplace.browsing.costs import with_costs
from marketplace.browsing.models import Collection
from marketplace.models import InstallLedger, Listing

ON_A_SHELF = 6
WEEK = timedelta(days=7)
PERSONAS = [(value, label) for value, label in Collection.Persona.choices if value]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A titled row of listings; `more` is the query string that lists all of them, empty where there is no such list."""

    title: str
    listings: Sequence[Listing]
    more: str
    note: str = ""


def front_page(persona: str, tenants: Sequence[UUID]) -> list[Shelf]:
    """Rows in which nothing is shown twice; an empty row is left out."""
    usable = offered().filter(entry__usable=True).order_by("-entry__weight", "pk")
    shelves, shown = [], set[UUID]()
    simulations = usable.filter(kind=Listing.Kind.SCENARIO)
    rows = [
        Shelf(
            "Start with these",
            _chosen(persona) or list(usable.exclude(kind="scenario")[:ON_A_SHELF]),
            "ordering=installs",
        ),
        Shelf(
            "Trending this week", _trending(usable), "ordering=installs", "Workspaces that installed them in seven days"
        ),
        Shelf("Simulations", list(simulations[:ON_A_SHELF]), "kind=scenario"),
        Shelf("New and reviewed", list(usable.order_by("-published_at", "-pk")[: 3 * ON_A_SHELF]), "ordering=newest"),
        Shelf("Only your workspaces see these", list(offered_to(tenants)[:ON_A_SHELF]) if tenants else [], ""),
    ]
    for shelf in rows:
        fresh = with_costs([listing for listing in shelf.listings if listing.pk not in shown][:ON_A_SHELF])
        shown |= {listing.pk for listing in fresh}
        shelves += [Shelf(shelf.title, fresh, shelf.more, shelf.note)] if fresh else []
    return shelves


def listings_of(collection: Collection) -> list[Listing]:
    """What everybody may see of a collection, in its order; each listing carries the `note` of the collection."""
    notes = dict(collection.items.values_list("listing_id", "note"))
    found = {listing.pk: listing for listing in offered().filter(pk__in=notes)}
    for pk, listing in found.items():
        listing.note = notes[pk]  # type: ignore[attr-defined]
    return [found[pk] for pk in notes if pk in found]


def _chosen(persona: str) -> list[Listing]:
    collection = Collection.objects.filter(shown=True, persona=persona).order_by("-updated_at").first()
    return listings_of(collection) if collection else []


def _trending(usable: QuerySet[Listing]) -> list[Listing]:
    """What most workspaces installed in the last seven days; its publisher's own does not count."""
    fresh = InstallLedger.objects.filter(created_at__gt=timezone.now() - WEEK, state=InstallLedger.State.INSTALLED)
    counts = dict(fresh.values_list("listing").annotate(n=Count("pk")).filter(n__gt=1).order_by("-n")[: 3 * ON_A_SHELF])
    return sorted(usable.filter(pk__in=counts), key=lambda listing: -counts[listing.pk])

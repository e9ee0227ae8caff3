"""What the front page of the market shows, and where a signed-in person could install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.access import offered
from marketplace.models import InstallLedger, Listing
from tenants.access import RANK, Role
from tenants.models import Tenant, User

ON_A_SHELF = 6


@dataclass(frozen=True, slots=True)
class Shelf:
    """A titled row of listings; `more` is the query string that lists all of them."""

    title: str
    listings: Sequence[Listing]
    more: str


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace of the reader: its name and slug, what it holds of a listing, and whether the reader may install."""

    name: str
    slug: str
    installed: str
    may_install: bool


def front_page() -> list[Shelf]:
    """Three rows; nothing is shown twice, and an empty row is left out."""
    listings = offered().order_by("-installs", "-published_at", "-id")
    simulations = list(listings.filter(kind=Listing.Kind.SCENARIO)[:ON_A_SHELF])
    first = list(listings.exclude(kind=Listing.Kind.SCENARIO)[:ON_A_SHELF])
    shown = [listing.pk for listing in (*first, *simulations)]
    newest = list(offered().exclude(pk__in=shown).order_by("-published_at", "-id")[:ON_A_SHELF])
    shelves = [
        Shelf("Start with these", first, "ordering=installs"),
        Shelf("Simulations", simulations, "kind=scenario"),
        Shelf("New on the market", newest, "ordering=newest"),
    ]
    return [shelf for shelf in shelves if shelf.listings]


def places_for(user: User, listing: Listing) -> list[Place]:
    """Every active workspace of `user`, those without the listing first."""
    memberships = (
        user.memberships.filter(tenant__status=Tenant.Status.ACTIVE).select_related("tenant").order_by("tenant__name")
    )
    held = InstallLedger.objects.filter(
        listing=listing, state=InstallLedger.State.INSTALLED, tenant_id__in=[m.tenant_id for m in memberships]
    )
    versions = dict(held.values_list("tenant_id", "listing_version__semver"))
    places = [
        Place(m.tenant.name, m.tenant.slug, versions.get(m.tenant_id, ""), RANK[Role(m.role)] >= RANK[Role.OPERATOR])
        for m in memberships
    ]
    return sorted(places, key=lambda place: bool(place.installed))

"""Where a signed-in person could install a listing, and where it is already."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.models import InstallLedger, Listing
from tenants.access import RANK, Role
from tenants.models import Tenant, User


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace of the reader: its name and slug, what it holds of a listing, and whether the reader may install."""

    name: str
    slug: str
    installed: str
    may_install: bool


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

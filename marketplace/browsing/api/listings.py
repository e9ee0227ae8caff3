"""Search, one listing, its versions and what changed between two of them."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access
from marketplace.browsing import counting, differing, results
from marketplace.browsing.api.shapes import CountsOut, ListingOut, ListingPageOut, VersionOut
from marketplace.browsing.counting import LABELS
from marketplace.browsing.forms import FILTERS, wish_of_api
from marketplace.browsing.wishes import Ordering
from marketplace.difference_shapes import DifferenceOut
from marketplace.models import Listing
from tenants.api.views import PublicView
from tenants.errors import FieldError, Invalid

PARAMETERS = [
    OpenApiParameter("q", OpenApiTypes.STR, description="Words to look for; typing errors are forgiven."),
    *(OpenApiParameter(name, OpenApiTypes.STR, enum=list(labels)) for name, labels in LABELS.items()),
    OpenApiParameter("language", OpenApiTypes.STR, description="A language of the listing, such as en."),
    OpenApiParameter("tag", OpenApiTypes.STR),
    OpenApiParameter("all", OpenApiTypes.STR, enum=["yes"], description="Also what is failing or deprecated."),
    OpenApiParameter("ordering", OpenApiTypes.STR, enum=[ordering.value for ordering in Ordering]),
]
PUBLISHED = [
    OpenApiParameter(name, OpenApiTypes.STR, required=True, description="The number of a published version.")
    for name in ("from", "to")
]


class ListingsView(PublicView):
    @extend_schema(operation_id="marketplace_listings", parameters=PARAMETERS, responses=ListingOut(many=True))
    def get(self, request: Request) -> Response:
        """Search the market. With words, the best 480 are listed; without, all."""
        wish = wish_of_api(self.filters(FILTERS))
        if wish.q:
            return self.page(results.in_order(results.search(wish).ids), ListingOut, ordering=("place",))
        return self.page(results.walk(wish), ListingOut, ordering=wish.columns)


class FacetsView(PublicView):
    @extend_schema(operation_id="marketplace_facets", parameters=PARAMETERS, responses=CountsOut)
    def get(self, request: Request) -> Response:
        """How many listings fit, and how many each value of each filter would leave."""
        wish = wish_of_api(self.filters(FILTERS))
        found = results.search(wish)
        counts = {"total": found.total, "capped": found.capped, "meant": found.meant}
        return self.answer({**counts, "facets": counting.facets(wish, found.ids)}, CountsOut)


class OneListing(PublicView):
    """A door to one listing; who is signed in also sees what is for their workspaces alone."""

    def listing(self, publisher: str, slug: str) -> Listing:
        return access.get_listing(publisher, slug, tenants=access.workspaces_of(self.request.user))


class ListingView(OneListing):
    @extend_schema(operation_id="marketplace_listing", responses=ListingPageOut)
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """One listing with the manifest of its newest version."""
        return self.answer(self.listing(publisher, slug), ListingPageOut)


class VersionsView(OneListing):
    @extend_schema(operation_id="marketplace_versions", responses=VersionOut(many=True))
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """The published versions of a listing, newest first."""
        self.filters(set())
        versions = access.published_versions(self.listing(publisher, slug)).defer("manifest")
        return self.page(versions, VersionOut, ordering=("-published_at", "-id"))


class DifferenceView(OneListing):
    @extend_schema(operation_id="marketplace_difference", parameters=PUBLISHED, responses=DifferenceOut)
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """What version `to` changes from version `from`: permissions first."""
        given = self.filters({"from", "to"})
        missing = [name for name in ("from", "to") if not given.get(name)]
        if missing:
            faults = [FieldError(name, "required", "Name a published version.") for name in missing]
            raise Invalid("Name two versions, from and to.", errors=faults)
        told = differing.between(self.listing(publisher, slug), given["from"], given["to"]).told
        return self.answer(told, DifferenceOut)

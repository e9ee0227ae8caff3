"""What all pages of one listing share: the gate, the header, the notices, the tabs."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse

from marketplace import access
from marketplace.browsing import notices
from marketplace.browsing.models import Favourite
from marketplace.browsing.places import Place, places_for
from marketplace.browsing.tabs import TABS
from marketplace.evidence.figures import figures
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion
from tenants.errors import NotFound
from tenants.models import User
from tenants.pages import PublicPage

PROPRIETARY = "proprietary"


class ListingPage(PublicPage):
    """A tab of a listing. `tab` names it in `tabs.TABS` and its template, `marketplace/listing_<tab>.html`."""

    tab: ClassVar[str] = "overview"

    @cached_property
    def listing(self) -> Listing:
        tenants = access.workspaces_of(self.request.user)
        return access.get_listing(self.kwargs["publisher"], self.kwargs["slug"], tenants=tenants)

    @cached_property
    def version(self) -> ListingVersion:
        if self.listing.current_version is None:
            raise NotFound("This listing has no published version yet.")
        return self.listing.current_version

    @cached_property
    def manifest(self) -> Manifest:
        return read_json(self.version.manifest)

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        user = self.request.user
        places = places_for(user, self.listing) if isinstance(user, User) else []
        told = notices.notices_of(self.listing)
        return self.render(
            f"marketplace/listing_{self.tab}.html",
            status=status,
            listing=self.listing,
            version=self.version,
            manifest=self.manifest,
            tab=self.tab,
            tabs=TABS,
            notices=told,
            installable=all(notice.installable for notice in told),
            remixable=self._is_remixable(places),
            figures=figures(self.version),
            saved=isinstance(user, User) and Favourite.objects.filter(user=user, listing=self.listing).exists(),
            places=places,
            holding=[place for place in places if place.installed],
            open_places=[place for place in places if place.may_install and not place.installed],
            **context,
        )

    def _is_remixable(self, places: list[Place]) -> bool:
        """Whether the reader has, or by signing in might have, somewhere to copy it to, and may change the copy."""
        somewhere = not isinstance(self.request.user, User) or any(place.may_install for place in places)
        return somewhere and self.listing.kind != Listing.Kind.TOOL and self.listing.licence != PROPRIETARY

"""The market's pages. All of them work without JavaScript, and their whole state is in the address."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace import access
from marketplace.browsing import presenting, queries, shelves
from marketplace.browsing.forms import ORDERINGS, wish_of_page
from marketplace.browsing.queries import Facet, Wish
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion
from projects.rendering import render_markdown
from tenants.addresses import workspace_reverse
from tenants.errors import NotFound
from tenants.models import User
from tenants.pages import PublicPage

ON_A_PAGE = 24
EXAMPLES = ("document analyst", "market brief", "segregation")


class Home(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("marketplace/home.html", shelves=shelves.front_page(), examples=EXAMPLES)


class Search(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        wish = wish_of_page(request.GET)
        page = Paginator(queries.find(wish), ON_A_PAGE).get_page(request.GET.get("page"))
        return self.render(
            "marketplace/search.html",
            wish=wish,
            page=page,
            facets=[(facet, links(wish, facet)) for facet in queries.facets(wish)],
            chips=chips(wish),
            orderings=[(ordering.value, label) for ordering, label in ORDERINGS.items()],
            address=query_string(wish),
        )


def query_string(wish: Wish, **changes: str) -> str:
    """The wish as a query string, with some of it changed; what is empty is left out."""
    said = {"q": wish.q, "kind": wish.kind, "category": wish.category, "tag": wish.tag, "ordering": wish.ordering.value}
    said |= changes
    if said["ordering"] == queries.Ordering.RELEVANCE:
        said["ordering"] = ""
    return urlencode({name: value for name, value in said.items() if value})


def links(wish: Wish, facet: Facet) -> list[dict[str, object]]:
    """The values of a facet as links: a chosen one leads back to all."""
    chosen = getattr(wish, facet.name)
    return [
        {
            "label": choice.label,
            "count": choice.count,
            "chosen": choice.value == chosen,
            "query": query_string(wish, **{facet.name: "" if choice.value == chosen else choice.value}),
        }
        for choice in facet.choices
    ]


def chips(wish: Wish) -> list[tuple[str, str]]:
    """The filters in force, each with the query that takes it off."""
    kinds = dict(Listing.Kind.choices)
    said = {"kind": kinds.get(wish.kind, ""), "category": queries.category_label(wish.category), "tag": wish.tag}
    return [(str(label), query_string(wish, **{name: ""})) for name, label in said.items() if label]


class ListingPage(PublicPage):
    """What the tabs of a listing share."""

    tab = "overview"

    @cached_property
    def listing(self) -> Listing:
        return access.get_listing(self.kwargs["publisher"], self.kwargs["slug"])

    @property
    def version(self) -> ListingVersion:
        if self.listing.current_version is None:
            raise NotFound("This listing has no published version yet.")
        return self.listing.current_version

    def show(self, **context: Any) -> HttpResponse:
        user = self.request.user
        places = shelves.places_for(user, self.listing) if isinstance(user, User) else []
        return self.render(
            f"marketplace/listing_{self.tab}.html",
            listing=self.listing,
            version=self.version,
            manifest=read_json(self.version.manifest),
            tab=self.tab,
            places=places,
            holding=[place for place in places if place.installed],
            open_places=[place for place in places if place.may_install and not place.installed],
            **context,
        )


class Overview(ListingPage):
    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        manifest = read_json(self.version.manifest)
        return self.show(
            description=render_markdown(manifest.metadata.description),
            powers=presenting.powers(manifest),
            needs=presenting.needs(manifest),
            inputs=presenting.input_fields(manifest),
            steps=presenting.steps(manifest),
        )


class Permissions(ListingPage):
    tab = "permissions"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        manifest = read_json(self.version.manifest)
        return self.show(powers=presenting.powers(manifest), needs=presenting.needs(manifest))


class Versions(ListingPage):
    tab = "versions"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        versions = access.published_versions(self.listing).defer("manifest")
        return self.show(page=Paginator(versions, ON_A_PAGE).get_page(request.GET.get("page")))


class ChooseWorkspace(PublicPage):
    """Turn the chosen workspace into its own page, where permissions are granted."""

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        listing = access.get_listing(publisher, slug)
        if not isinstance(request.user, User):
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_login')}?{query}")
        open_to = [place for place in shelves.places_for(request.user, listing) if place.may_install]
        wanted = request.GET.get("workspace", open_to[0].slug if open_to else "")
        if wanted not in {place.slug for place in open_to}:
            raise NotFound(
                "You have no workspace of this name to install into. Make one first, or ask for the role operator."
            )
        return redirect(workspace_reverse(wanted, "installs:new", publisher, slug))

"""The tabs of a listing, and the way from it into a workspace."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace import access
from marketplace.browsing import differing, presenting, related
from marketplace.browsing.listing_page import ListingPage
from marketplace.browsing.places import places_for
from projects.rendering import render_markdown
from tenants.addresses import absolute_url, workspace_reverse
from tenants.errors import NotFound
from tenants.models import User
from tenants.pages import PublicPage

ON_A_PAGE = 24


class Overview(ListingPage):
    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self.show(
            description=render_markdown(self.manifest.metadata.description),
            powers=presenting.powers(self.manifest),
            needs=presenting.needs(self.manifest),
            inputs=presenting.input_fields(self.manifest),
            steps=presenting.steps(self.manifest),
            related=related.related_to(self.listing),
        )


class Permissions(ListingPage):
    tab = "permissions"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self.show(powers=presenting.powers(self.manifest), needs=presenting.needs(self.manifest))


class Versions(ListingPage):
    """All published versions; with `from` and `to` in the address, what changed between those two."""

    tab = "versions"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        versions = access.published_versions(self.listing).defer("manifest")
        numbers = list(versions.values_list("semver", flat=True)[:200])
        old, new = request.GET.get("from", ""), request.GET.get("to", "")
        told = differing.between(self.listing, old, new) if old and new else None
        return self.show(
            page=Paginator(versions, ON_A_PAGE).get_page(request.GET.get("page")),
            numbers=numbers,
            difference=told,
            old=old or (numbers[1] if len(numbers) > 1 else ""),
            new=new or (numbers[0] if numbers else ""),
        )


class Api(ListingPage):
    """How a program installs and runs it."""

    tab = "api"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        home = absolute_url("/", home=f"{request.scheme}://{request.get_host()}").rstrip("/")
        return self.show(
            home=home,
            calls=presenting.calls(self.manifest, home, f"{publisher}/{slug}"),
        )


class Share(ListingPage):
    """The address to pass on, whole."""

    tab = "share"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        path = reverse("marketplace:listing", args=[publisher, slug])
        return self.show(address=absolute_url(path, home=f"{request.scheme}://{request.get_host()}"))


class IntoWorkspace(PublicPage):
    """Turn the chosen workspace into a page of its own; who is not signed in signs in first."""

    page = "installs:new"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        if not isinstance(request.user, User):
            access.get_listing(publisher, slug)
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_login')}?{query}")
        listing = access.get_listing(publisher, slug, tenants=access.workspaces_of(request.user))
        open_to = [place for place in places_for(request.user, listing) if place.may_install]
        wanted = request.GET.get("workspace", open_to[0].slug if open_to else "")
        if wanted not in {place.slug for place in open_to}:
            raise NotFound(
                "You have no workspace of this name to install into. Make one first, or ask for the role operator."
            )
        return redirect(workspace_reverse(wanted, self.page, publisher, slug))

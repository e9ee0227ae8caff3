"""Pages of publishers, of collections, and of what a person saved."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace import access
from marketplace.browsing import services, shelves
from marketplace.browsing.access import get_collection
from marketplace.browsing.models import Collection
from tenants.models import User
from tenants.pages import PublicPage, keep_private

ON_A_PAGE = 24


class PublisherPage(PublicPage):
    """Who answers for these listings, since when, and what else they offer."""

    def get(self, request: HttpRequest, publisher: str) -> HttpResponse:
        who = access.get_publisher(publisher)
        listings = access.offered().filter(publisher=who).order_by("-entry__weight", "pk")
        page = Paginator(listings, ON_A_PAGE).get_page(request.GET.get("page"))
        return self.render("marketplace/publisher.html", publisher=who, page=page)


class Collections(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("marketplace/collections.html", collections=Collection.objects.filter(shown=True))


class CollectionPage(PublicPage):
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        collection = get_collection(slug)
        return self.render(
            "marketplace/collection.html", collection=collection, listings=shelves.listings_of(collection)
        )


class Favourites(PublicPage):
    """What the reader saved, newest first. Nobody else sees it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
        tenants = access.workspaces_of(request.user)
        page = Paginator(services.favourites_of(request.user, tenants), ON_A_PAGE).get_page(request.GET.get("page"))
        return _private(self.render("marketplace/favourites.html", page=page))


class Save(PublicPage):
    """Keep a listing, or keep it no longer."""

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        address = reverse("marketplace:listing", args=[publisher, slug])
        if not isinstance(request.user, User):
            return redirect(f"{reverse('account_login')}?{urlencode({'next': address})}")
        listing = access.get_listing(publisher, slug, tenants=access.workspaces_of(request.user))
        if request.POST.get("saved") == "no":
            services.forget_favourite(listing=listing, by=request.user)
        else:
            services.save_favourite(listing=listing, by=request.user)
        return redirect(address)


def _private(page: HttpResponse) -> HttpResponse:
    keep_private(page)
    return page

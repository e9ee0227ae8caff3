"""Publishers, collections, and what a person saved."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access
from marketplace.browsing import services
from marketplace.browsing.access import get_collection
from marketplace.browsing.api.shapes import (
    CollectionOut,
    CollectionPageOut,
    ListingOut,
    PublisherPageOut,
)
from marketplace.browsing.models import Collection
from tenants.api.views import PublicView, SignedInView


class PublisherView(PublicView):
    @extend_schema(operation_id="marketplace_publisher", responses=PublisherPageOut)
    def get(self, request: Request, publisher: str) -> Response:
        """Who answers for the listings of this namespace."""
        return self.answer(access.get_publisher(publisher), PublisherPageOut)


class PublisherListingsView(PublicView):
    @extend_schema(operation_id="marketplace_publisher_listings", responses=ListingOut(many=True))
    def get(self, request: Request, publisher: str) -> Response:
        """What a publisher offers to everybody, newest first."""
        self.filters(set())
        listings = access.offered().filter(publisher=access.get_publisher(publisher))
        return self.page(listings, ListingOut, ordering=("-published_at", "-id"))


class CollectionsView(PublicView):
    @extend_schema(operation_id="marketplace_collections", responses=CollectionOut(many=True))
    def get(self, request: Request) -> Response:
        """Choices of listings that the people of the platform put together."""
        self.filters(set())
        return self.page(Collection.objects.filter(shown=True), CollectionOut)


class CollectionView(PublicView):
    @extend_schema(operation_id="marketplace_collection", responses=CollectionPageOut)
    def get(self, request: Request, slug: str) -> Response:
        """One collection with its listings."""
        return self.answer(get_collection(slug), CollectionPageOut)


class FavouritesView(SignedInView):
    @extend_schema(operation_id="marketplace_favourites", responses=ListingOut(many=True))
    def get(self, request: Request) -> Response:
        """What you saved, the newest first. Nobody else sees it."""
        self.filters(set())
        found = services.favourites_of(self.user, access.workspaces_of(self.user))
        return self.page(found, ListingOut, ordering=("-saved_at", "-id"))


class FavouriteView(SignedInView):
    @extend_schema(operation_id="marketplace_favourite_save", request=None, responses={204: None})
    def put(self, request: Request, publisher: str, slug: str) -> Response:
        """Keep a listing for later."""
        listing = access.get_listing(publisher, slug, tenants=access.workspaces_of(self.user))
        services.save_favourite(listing=listing, by=self.user)
        return Response(status=204)

    @extend_schema(operation_id="marketplace_favourite_forget", responses={204: None})
    def delete(self, request: Request, publisher: str, slug: str) -> Response:
        """Keep it no longer."""
        listing = access.get_listing(publisher, slug, tenants=access.workspaces_of(self.user))
        services.forget_favourite(listing=listing, by=self.user)
        return Response(status=204)

"""The public marketplace over HTTP: search, one listing, its versions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access
from marketplace.browsing import presenting, queries
from marketplace.browsing.forms import wish_of_api
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion, Publisher
from tenants.api.views import PublicView

FILTERS = {"q", "kind", "category", "tag", "ordering"}
PARAMETERS = [
    OpenApiParameter("q", OpenApiTypes.STR, description="Words to look for; typing errors are forgiven."),
    OpenApiParameter("kind", OpenApiTypes.STR, enum=Listing.Kind.values),
    OpenApiParameter("category", OpenApiTypes.STR),
    OpenApiParameter("tag", OpenApiTypes.STR),
    OpenApiParameter("ordering", OpenApiTypes.STR, enum=[ordering.value for ordering in queries.Ordering]),
]


class PublisherOut(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ("namespace", "display_name", "verified_at")
        read_only_fields = fields


class PermissionOut(serializers.Serializer[Any]):
    """`code` is what a grant names; the rest is for people."""

    code = serializers.CharField()
    group = serializers.CharField()
    risk = serializers.CharField()
    sentence = serializers.CharField()
    why = serializers.CharField()


def permissions_of(manifest: dict[str, Any]) -> list[dict[str, str]]:
    """The permissions of a stored manifest, in its order."""
    asked = [(each.meaning, each.why) for each in presenting.asked(read_json(manifest))]
    return [
        {"code": m.code, "group": m.group.value, "risk": m.risk.name.lower(), "sentence": m.sentence, "why": why}
        for m, why in asked
    ]


class ListingOut(serializers.ModelSerializer[Listing]):
    publisher = PublisherOut(read_only=True)
    version = serializers.CharField(source="current_version.semver", read_only=True)

    class Meta:
        model = Listing
        fields = (
            "id", "publisher", "slug", "kind", "title", "summary", "category", "tags", "licence", "offline", "installs",
            "version", "published_at",
        )  # fmt: skip
        read_only_fields = fields


class ListingPageOut(ListingOut):
    """One listing whole: the words, and the manifest of its current version."""

    digest = serializers.CharField(source="current_version.digest", read_only=True)
    manifest = serializers.JSONField(source="current_version.manifest", read_only=True)
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = (*ListingOut.Meta.fields, "description", "digest", "permissions", "manifest")
        read_only_fields = fields

    @extend_schema_field(PermissionOut(many=True))
    def get_permissions(self, listing: Listing) -> list[dict[str, str]]:
        return permissions_of(listing.current_version.manifest) if listing.current_version else []


class VersionOut(serializers.ModelSerializer[ListingVersion]):
    version = serializers.CharField(source="semver", read_only=True)
    risk = serializers.CharField(source="get_risk_display", read_only=True)

    class Meta:
        model = ListingVersion
        fields = ("id", "version", "digest", "size", "changelog", "risk", "availability", "published_at")
        read_only_fields = fields


class ListingsView(PublicView):
    @extend_schema(operation_id="marketplace_listings", parameters=PARAMETERS, responses=ListingOut(many=True))
    def get(self, request: Request) -> Response:
        """Search the market."""
        wish = wish_of_api(self.filters(FILTERS))
        return self.page(queries.find(wish), ListingOut, ordering=wish.columns)


class ListingView(PublicView):
    @extend_schema(operation_id="marketplace_listing", responses=ListingPageOut)
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """One listing with the manifest of its newest version."""
        return self.answer(access.get_listing(publisher, slug), ListingPageOut)


class VersionsView(PublicView):
    @extend_schema(operation_id="marketplace_versions", responses=VersionOut(many=True))
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """The published versions of a listing, newest first."""
        self.filters(set())
        versions = access.published_versions(access.get_listing(publisher, slug)).defer("manifest")
        return self.page(versions, VersionOut, ordering=("-published_at", "-id"))

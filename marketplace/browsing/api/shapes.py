"""How the market's things look to a program."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.browsing import presenting
from marketplace.browsing.models import Collection
from marketplace.browsing.notices import notices_of
from marketplace.browsing.shelves import listings_of
from marketplace.evidence.models import ENOUGH_WORKSPACES
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion, Publisher


class PublisherOut(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ("namespace", "display_name", "verified_at", "standing", "created_at")
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


class NoticeOut(serializers.Serializer[Any]):
    """What a reader must know first; `installable` says whether the listing can still be installed."""

    tone = serializers.ChoiceField(choices=["bad", "warn", "info"])
    title = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    installable = serializers.BooleanField()


class ListingOut(serializers.ModelSerializer[Listing]):
    publisher = PublisherOut(read_only=True)
    version = serializers.CharField(source="current_version.semver", read_only=True)
    availability = serializers.CharField(source="current_version.availability", read_only=True)
    active_tenants = serializers.SerializerMethodField()
    rating = serializers.SerializerMethodField()
    is_featured = serializers.BooleanField(read_only=True)

    class Meta:
        model = Listing
        fields = (
            "id", "publisher", "slug", "kind", "title", "summary", "category", "tags", "licence", "offline", "installs",
            "active_tenants", "rating", "rating_count", "health", "is_featured", "version", "availability", "published_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_active_tenants(self, listing: Listing) -> int | None:
        """How many workspaces ran it to an end in the last 30 days; null below five."""
        return listing.active_tenants if listing.active_tenants >= ENOUGH_WORKSPACES else None

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_rating(self, listing: Listing) -> float | None:
        """From 1 to 5, drawn towards the middle while reviews are few; null without any."""
        return round(listing.rating_bayes, 2) if listing.rating_count else None


class ListingPageOut(ListingOut):
    """One listing whole: the words, and the manifest of its current version."""

    digest = serializers.CharField(source="current_version.digest", read_only=True)
    manifest = serializers.JSONField(source="current_version.manifest", read_only=True)
    permissions = serializers.SerializerMethodField()
    forked_from = serializers.SerializerMethodField()
    notices = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = (
            *ListingOut.Meta.fields, "visibility", "description", "digest", "forked_from", "permissions", "notices", "manifest",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PermissionOut(many=True))
    def get_permissions(self, listing: Listing) -> list[dict[str, str]]:
        return permissions_of(listing.current_version.manifest) if listing.current_version else []

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_forked_from(self, listing: Listing) -> str | None:
        """What it is a remix of, as in publisher/listing@version."""
        origin = listing.forked_from
        return f"{origin.listing.ref}@{origin.semver}" if origin else None

    @extend_schema_field(NoticeOut(many=True))
    def get_notices(self, listing: Listing) -> Any:
        return NoticeOut(notices_of(listing), many=True).data


class VersionOut(serializers.ModelSerializer[ListingVersion]):
    version = serializers.CharField(source="semver", read_only=True)
    risk = serializers.CharField(source="get_risk_display", read_only=True)

    class Meta:
        model = ListingVersion
        fields = (
            "id", "version", "digest", "size", "changelog", "risk", "health", "availability", "availability_reason", "published_at",
        )  # fmt: skip
        read_only_fields = fields


class ChoiceOut(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # DRF keeps fields apart from its own attributes
    count = serializers.IntegerField()


class FacetOut(serializers.Serializer[Any]):
    """A filter and how many listings each of its values would leave."""

    name = serializers.CharField()
    title = serializers.CharField()
    choices = ChoiceOut(many=True)


class CountsOut(serializers.Serializer[Any]):
    """`capped`: more than `total` fit, and the numbers are of those that were looked at."""

    total = serializers.IntegerField()
    capped = serializers.BooleanField()
    meant = serializers.CharField()
    facets = FacetOut(many=True)


class CollectionOut(serializers.ModelSerializer[Collection]):
    class Meta:
        model = Collection
        fields = ("slug", "title", "summary", "persona", "created_at", "updated_at")
        read_only_fields = fields


class CollectionPageOut(CollectionOut):
    """A collection with the listings that everybody may see, in its order."""

    listings = serializers.SerializerMethodField()

    class Meta:
        model = Collection
        fields = (*CollectionOut.Meta.fields, "listings")
        read_only_fields = fields

    @extend_schema_field(ListingOut(many=True))
    def get_listings(self, collection: Collection) -> Any:
        return ListingOut(listings_of(collection), many=True).data


class PublisherPageOut(PublisherOut):
    class Meta:
        model = Publisher
        fields = (*PublisherOut.Meta.fields, "about")
        read_only_fields = fields

"""The market's tables, to read."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.console.admin.base import StaffAdmin, page_link
from marketplace.models import InstallLedger, Listing, ListingVersion, Publisher


@admin.register(Publisher)
class PublisherAdmin(StaffAdmin):
    list_display = ("display_name", "namespace", "standing", "verified_at", "created_at", "judge")
    list_filter = ("standing",)
    search_fields = ("display_name", "namespace")
    ordering = ("display_name",)
    fields = ("display_name", "namespace", "about", "standing", "verified_at", "tenant_id", "created_at", "judge")
    readonly_fields = ("judge",)

    @admin.display(description="Judge")
    def judge(self, publisher: Publisher) -> SafeString:
        return page_link("console_publisher", publisher.pk, "Warn, restrict, ban or reinstate")


@admin.register(Listing)
class ListingAdmin(StaffAdmin):
    list_display = ("title", "publisher", "kind", "category", "current", "installs", "published_at")
    list_filter = ("kind", "category", "publisher__standing")
    list_select_related = ("publisher", "current_version")
    search_fields = ("title", "slug", "summary")
    ordering = ("-published_at",)
    fields = (
        "title", "publisher", "slug", "kind", "summary", "description", "category", "tags", "licence", "offline",
        "current_version", "visibility", "installs", "published_at", "featured_until", "judge",
    )  # fmt: skip
    readonly_fields = ("judge",)

    @admin.display(description="Judge")
    def judge(self, listing: Listing) -> SafeString:
        return page_link("console_listing", listing.pk, "Evidence and decision")

    @admin.display(description="Version")
    def current(self, listing: Listing) -> str:
        return listing.current_version.semver if listing.current_version else "none"

    def view_on_site(self, listing: Listing) -> str:
        return reverse("marketplace:listing", args=[listing.publisher.namespace, listing.slug])


@admin.register(ListingVersion)
class ListingVersionAdmin(StaffAdmin):
    list_display = ("listing", "semver", "review_state", "availability", "risk", "size", "published_at")
    list_filter = ("review_state", "availability", "risk")
    list_select_related = ("listing",)
    search_fields = ("listing__title", "digest")
    ordering = ("-created_at",)
    fields = (
        "listing", "semver", "digest", "size", "risk", "review_state", "availability", "availability_reason",
        "changelog", "submitted_at", "published_at", "judge", "text",
    )  # fmt: skip
    readonly_fields = ("text", "judge")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListingVersion]:
        versions: QuerySet[ListingVersion] = super().get_queryset(request)
        return versions.defer("listing__description")

    @admin.display(description="Judge")
    def judge(self, version: ListingVersion) -> SafeString:
        return page_link("console_version", version.pk, "Evidence and decision")

    @admin.display(description="Manifest")
    def text(self, version: ListingVersion) -> SafeString:
        """Escaped, and of no use to a script: what a stranger wrote is shown in a plain block."""
        return format_html(
            '<pre class="manifest-text" tabindex="0" role="region" aria-label="Manifest" x-ignore>{}</pre>',
            json.dumps(version.manifest, indent=2, ensure_ascii=False, sort_keys=True),
        )


@admin.register(InstallLedger)
class InstallLedgerAdmin(StaffAdmin):
    list_display = ("listing", "listing_version", "tenant_id", "state", "created_at", "updated_at")
    list_filter = ("state",)
    list_select_related = ("listing", "listing_version__listing")
    search_fields = ("listing__title",)
    ordering = ("-created_at",)

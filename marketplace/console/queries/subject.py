"""What an item or a decision is about, with everything that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from agents.documents import ManifestError
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.targets import ReviewOf, Thing
from marketplace.reviews.models import Review
from tenants.models import Tenant, User

States = ListingVersion.ReviewState


@dataclass(frozen=True)
class Subject:
    """At least one of these is there; a version comes with its listing, a listing with its publisher."""

    version: ListingVersion | None = None
    listing: Listing | None = None
    publisher: Publisher | None = None
    person: User | None = None
    workspace: Tenant | None = None
    review: Review | None = None

    @property
    def title(self) -> str:
        if self.review is not None:
            return f"A review of {self.listing}"
        if self.version is not None and self.listing is not None:
            return f"{self.listing.title} {self.version.semver}"
        found = self.listing or self.publisher or self.person or self.workspace
        return str(found) if found is not None else "A review"

    @property
    def address(self) -> str:
        """On the market; empty for people and workspaces."""
        if self.listing is not None and self.publisher is not None:
            return f"{self.publisher.namespace}/{self.listing.slug}"
        return self.publisher.namespace if self.publisher is not None else ""

    @property
    def document(self) -> dict[str, Any]:
        return self.version.manifest if self.version is not None else {}

    @cached_property
    def manifest(self) -> Manifest | None:
        """None where there is no version, or where its manifest is of a form that is no longer read."""
        return readable(self.document) if self.version is not None else None

    @cached_property
    def before(self) -> ListingVersion | None:
        """The version that was approved last before this one."""
        if self.version is None or self.listing is None:
            return None
        good = self.listing.versions.filter(review_state__in=[States.APPROVED, States.PUBLISHED])
        return good.exclude(pk=self.version.pk).filter(pk__lt=self.version.pk).order_by("-pk").first()


def of_version(version: ListingVersion) -> Subject:
    return Subject(version=version, listing=version.listing, publisher=version.listing.publisher)


def of_listing(listing: Listing) -> Subject:
    version = listing.current_version or listing.versions.order_by("-pk").first()
    return Subject(version=version, listing=listing, publisher=listing.publisher)


def readable(document: dict[str, Any]) -> Manifest | None:
    try:
        return read_json(document)
    except ManifestError:
        return None


def subject_of_thing(thing: Thing | ReviewOf) -> Subject:
    """The same for what a target names."""
    match thing:
        case ListingVersion():
            return of_version(thing)
        case Listing():
            return of_listing(thing)
        case Publisher():
            return Subject(publisher=thing)
        case User():
            return Subject(person=thing)
        case Tenant():
            return Subject(workspace=thing)
    review = Review.objects.select_related("author", "version").filter(pk=thing.pk).first()
    return replace(of_listing(thing.listing), review=review)

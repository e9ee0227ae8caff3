"""From an address on the marketplace to its row."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from marketplace.enforcement.models import Block
from marketplace.models import Listing, ListingShare, ListingVersion, Publisher
from tenants.errors import NotFound
from tenants.models import Tenant, User

HIDDEN = (Listing.Visibility.PRIVATE, Listing.Visibility.SHARED)
Viewer = User | AnonymousUser | None


def published() -> QuerySet[Listing]:
    """What has been published by somebody who may, whoever sees it; with publisher and current version, without long columns."""
    return (
        Listing.objects.filter(published_at__isnull=False)
        .exclude(publisher__standing=Publisher.Standing.BANNED)
        .select_related("publisher", "current_version")
        .defer("description", "current_version__manifest")
    )


def offered() -> QuerySet[Listing]:
    """Listings that everybody finds, with their publisher and current version, without the long columns."""
    return (
        published()
        .filter(visibility=Listing.Visibility.PUBLIC, retired_at=None)
        .exclude(current_version__availability=ListingVersion.Availability.YANKED)
        .exclude(_blocked())
    )


def offered_to(tenant_ids: Collection[UUID]) -> QuerySet[Listing]:
    """Listings that only these workspaces see: their own private ones, and those that were shared with them."""
    return published().filter(_of(tenant_ids), visibility__in=HIDDEN, retired_at=None)


def workspaces_of(user: Viewer) -> list[UUID]:
    """The active workspaces that `user` belongs to."""
    if not isinstance(user, User):
        return []
    return list(user.memberships.filter(tenant__status=Tenant.Status.ACTIVE).values_list("tenant_id", flat=True))


def get_listing(namespace: str, slug: str, *, tenants: Collection[UUID] = ()) -> Listing:
    """The listing at this address, as the workspaces `tenants` may see it: what is private or shared is there for its own only.

    It is found, too, when it is blocked, withdrawn or retired: its page says so.
    """
    return _only(Q(publisher__namespace=namespace, slug=slug), tenants)


def get_listing_by_id(listing_id: UUID, *, tenants: Collection[UUID] = ()) -> Listing:
    return _only(Q(pk=listing_id), tenants)


def get_publisher(namespace: str) -> Publisher:
    """A publisher with its page; who is banned has none."""
    publisher = Publisher.objects.exclude(standing=Publisher.Standing.BANNED).filter(namespace=namespace).first()
    if publisher is None:
        raise NotFound("There is no such publisher on the market.")
    return publisher


def find_version(ref: str, semver: str = "", *, tenants: Collection[UUID] = ()) -> ListingVersion:
    """The version `semver` (empty: the newest) of the listing `publisher/slug`, or of the listing with that id."""
    namespace, slash, slug = ref.partition("/")
    listing = (
        get_listing(namespace, slug, tenants=tenants)
        if slash
        else get_listing_by_id(listing_id_of(ref), tenants=tenants)
    )
    if semver or listing.current_version is None:
        return get_version(listing, semver)
    return listing.current_version


def get_version(listing: Listing, semver: str) -> ListingVersion:
    """A published version of `listing`; the refusal names the newest one."""
    version = published_versions(listing).filter(semver=semver).first()
    if version is None:
        newest = listing.current_version.semver if listing.current_version else "none"
        raise NotFound(f"{listing.title} has no version {semver[:64]}; the newest is {newest}.", code="unknown_version")
    return version


def ref_of(digest: str) -> str:
    """The published version with this digest, as publisher/listing@version; empty where there is none."""
    version = ListingVersion.objects.filter(digest=digest, review_state=ListingVersion.ReviewState.PUBLISHED).first()
    return f"{version.listing.ref}@{version.semver}" if version else ""


def published_versions(listing: Listing) -> QuerySet[ListingVersion]:
    """Newest first."""
    states = ListingVersion.ReviewState
    return ListingVersion.objects.filter(listing=listing, review_state=states.PUBLISHED).order_by(
        "-published_at", "-id"
    )


def listing_id_of(ref: str) -> UUID:
    """Raises NotFound for what is neither publisher/slug nor an id."""
    try:
        return UUID(ref)
    except ValueError:
        raise NotFound("Name a listing as publisher/slug, or by its id.") from None


def _blocked() -> Q:
    """What nobody may install now; its page is still there and says why."""
    blocks = Block.objects.active().exclude(kind=Block.Kind.WARN)
    return (
        Q(pk__in=blocks.filter(scope=Block.Scope.LISTING).values("listing"))
        | Q(publisher__in=blocks.filter(scope=Block.Scope.PUBLISHER).values("publisher"))
        | Q(current_version__in=blocks.filter(scope=Block.Scope.VERSION).values("version"))
        | Q(current_version__digest__in=blocks.filter(scope=Block.Scope.DIGEST).values("digest"))
    )


def _of(tenant_ids: Collection[UUID]) -> Q:
    shared = ListingShare.objects.filter(tenant_id__in=tenant_ids).values("listing")
    return Q(publisher__tenant_id__in=tenant_ids) | Q(visibility=Listing.Visibility.SHARED, pk__in=shared)


def _only(condition: Q, tenant_ids: Collection[UUID]) -> Listing:
    seen = ~Q(visibility__in=HIDDEN) | _of(tenant_ids) if tenant_ids else ~Q(visibility__in=HIDDEN)
    listing = published().defer(None).filter(condition).filter(seen).first()
    if listing is None:
        raise NotFound("There is no such listing on the market. It may have been withdrawn; search for another.")
    return listing

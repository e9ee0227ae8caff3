"""What a publisher may do with what is on the market: deprecate, yank, put back, retire, and say who sees it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from marketplace.browsing.indexing import index
from marketplace.models import Listing, ListingShare, ListingVersion
from marketplace.moderation import activity, transitions
from marketplace.moderation.actors import author
from marketplace.publishing.market import settle
from tenants import audit
from tenants.access import Member, require_admin
from tenants.errors import Conflict, FieldError, Invalid, NotFound, WrongState
from tenants.models import Tenant

Availability = ListingVersion.Availability
Visibility = Listing.Visibility
States = ListingVersion.ReviewState
EVERYBODY = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})
UNDER_WAY = (States.SUBMITTED, States.CHECKING, States.CHANGES_REQUESTED, States.IN_REVIEW, States.APPROVED)
LONGEST_REASON = 400
MOST_SHARES = 200


@transaction.atomic
def deprecate(*, version: ListingVersion, reason: str, successor: Listing | None, by: Member) -> ListingVersion:
    """Tell people to use something else. It can still be installed; `successor` is where they should go."""
    require_admin(by)
    if successor is not None and successor.pk == version.listing_id:
        detail = "A listing cannot take its own place; name another one, or leave it out."
        raise Invalid(detail, errors=[FieldError("successor", "same", detail)])
    return _offer(version, Availability.DEPRECATED, {Availability.AVAILABLE}, reason, by, successor)


@transaction.atomic
def yank(*, version: ListingVersion, reason: str, by: Member) -> ListingVersion:
    """Offer a version no longer: nobody installs it anew, and whoever has it keeps it."""
    require_admin(by)
    expected = {Availability.AVAILABLE, Availability.DEPRECATED}
    yanked = _offer(version, Availability.YANKED, expected, reason, by)
    settle(yanked.listing)
    return yanked


@transaction.atomic
def unyank(*, version: ListingVersion, by: Member) -> ListingVersion:
    """Offer a deprecated or yanked version again."""
    require_admin(by)
    offered = _offer(version, Availability.AVAILABLE, {Availability.YANKED, Availability.DEPRECATED}, "", by)
    settle(offered.listing)
    return offered


def _offer(
    version: ListingVersion,
    to: Availability,
    expected: set[Availability],
    reason: str,
    by: Member,
    successor: Listing | None = None,
) -> ListingVersion:
    _check_reason(reason)
    if to == Availability.AVAILABLE and version.listing.is_for_everybody and not version.is_for_everybody:
        raise WrongState(
            f"{version} was published for fewer people and never read. Send it in anew.", code="never_read"
        )
    changed = transitions.set_availability(
        version.pk, to=to, expected=expected, by=author(by), reason=reason.strip(), successor=successor
    )
    audit.record(f"version.{to.value}", changed, by=by, reason=reason.strip())
    return changed


def _check_reason(reason: str) -> None:
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        detail = f"Say it in at most {LONGEST_REASON} characters."
        raise Invalid(detail, errors=[FieldError("reason", "length", detail)])


@transaction.atomic
def retire(*, listing: Listing, by: Member) -> Listing:
    """End an offer for good. Its address stays its own, and whoever installed it keeps it."""
    require_admin(by)
    listing = transitions.lock_listing(listing.pk)
    if listing.retired_at is not None:
        raise WrongState(f"{listing.title} was retired on {listing.retired_at:%-d %B %Y}.")
    for version in listing.versions.filter(review_state__in=UNDER_WAY):
        transitions.move(
            version.pk, to=States.WITHDRAWN, expected=set(UNDER_WAY), by=author(by), reason="Its listing was retired."
        )
    listing.retired_at = timezone.now()
    listing.save(update_fields=["retired_at", "updated_at"])
    _note(listing, "listing.retired", by)
    index(listing)
    return listing


@transaction.atomic
def set_visibility(*, listing: Listing, visibility: str, by: Member) -> Listing:
    """Say who sees a listing. What was read for everybody may be shown to everybody; anything else is sent in for that first."""
    require_admin(by)
    listing = transitions.lock_listing(listing.pk)
    live = listing.current_version
    if visibility in EVERYBODY and not (live is not None and live.is_for_everybody):
        detail = f"{listing.title} was sent in for fewer people. Send a version for everybody: it is read before they see it."
        raise WrongState(detail, code="never_read", errors=[FieldError("visibility", "never_read", detail)])
    listing.visibility = Visibility(visibility)
    listing.save(update_fields=["visibility", "updated_at"])
    if visibility not in EVERYBODY:
        listing.versions.filter(review_state__in=UNDER_WAY).update(visibility=visibility)
    _note(listing, "listing.visibility", by, visibility=visibility)
    index(listing)
    return listing


@transaction.atomic
def share(*, listing: Listing, workspace: str, by: Member) -> ListingShare:
    """Let another workspace see and install a listing, by the workspace's short name."""
    require_admin(by)
    listing = transitions.lock_listing(listing.pk)
    tenant = Tenant.objects.filter(slug=workspace, status=Tenant.Status.ACTIVE).exclude(memberships=None).first()
    if tenant is None or tenant.pk == by.tenant_id:
        detail = "Name another workspace by its short name, as in its address after /w/."
        raise Invalid(detail, errors=[FieldError("workspace", "unknown", detail)])
    if listing.shares.count() >= MOST_SHARES:
        raise Conflict(
            f"A listing is shared with at most {MOST_SHARES} workspaces. Publish it as unlisted.", code="too_many"
        )
    made, is_new = ListingShare.objects.get_or_create(
        listing=listing, tenant_id=tenant.pk, defaults={"by_id": by.user_id}
    )
    if is_new:
        _note(listing, "listing.shared", by, workspace=tenant.slug)
    return made


@transaction.atomic
def unshare(*, listing: Listing, workspace: str, by: Member) -> None:
    """Take a share back. What was installed there stays there."""
    require_admin(by)
    tenant = Tenant.objects.filter(slug=workspace).first()
    if tenant is None or not listing.shares.filter(tenant_id=tenant.pk).delete()[0]:
        raise NotFound("It is not shared with such a workspace.")
    _note(listing, "listing.unshared", by, workspace=workspace)


def _note(listing: Listing, action: str, by: Member, **detail: Any) -> None:
    activity.record(action, listing, by=author(by), **detail)
    audit.record(action, listing, by=by, **detail)

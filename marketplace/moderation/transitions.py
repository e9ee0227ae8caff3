"""The only code that writes how a version's review stands, whether it is offered, and how well it works.

Every function locks the row, checks from where the move may start, writes the column and a line of the log, and tells the
followers, in one transaction. Locks are taken in one order everywhere: listing, version, decision, task.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from marketplace.models import Health, Listing, ListingVersion, Publisher
from marketplace.moderation import activity, following
from marketplace.moderation.actors import SYSTEM, Actor
from marketplace.moderation.models import Decision
from tenants.errors import Forbidden, Invalid, NotFound, WrongState

__all__ = ["Actor", "lock", "move", "reopen", "set_availability", "set_health", "set_standing"]

ReviewState = ListingVersion.ReviewState
Availability = ListingVersion.Availability
Standing = Publisher.Standing

NEEDS_A_PUBLISHER = frozenset({ReviewState.SUBMITTED, ReviewState.APPROVED, ReviewState.PUBLISHED})
OFFERS: dict[str, frozenset[str]] = {
    Availability.AVAILABLE: frozenset({Availability.DEPRECATED, Availability.YANKED}),
    Availability.DEPRECATED: frozenset({Availability.AVAILABLE, Availability.YANKED}),
    Availability.YANKED: frozenset({Availability.AVAILABLE}),
}


def lock(version_id: UUID) -> ListingVersion:
    """The version with its listing and publisher, locked until the transaction ends. Raises NotFound."""
    listing_id = ListingVersion.objects.filter(pk=version_id).values_list("listing_id", flat=True).first()
    if listing_id is None:
        raise NotFound("There is no such version.")
    lock_listing(listing_id)
    versions = ListingVersion.objects.select_for_update(of=("self",), no_key=True)
    return versions.select_related("listing__publisher").get(pk=version_id)


def lock_listing(listing_id: UUID) -> Listing:
    listings = Listing.objects.select_for_update(of=("self",), no_key=True).select_related("publisher")
    listing = listings.filter(pk=listing_id).first()
    if listing is None:
        raise NotFound("There is no such listing.")
    return listing


@transaction.atomic
def move(
    version_id: UUID,
    *,
    to: ReviewState,
    expected: AbstractSet[ReviewState],
    by: Actor,
    reason: str = "",
    decision: Decision | None = None,
) -> ListingVersion:
    """Bring a version's review to `to`, and answer with it as it then stands: those who follow may have moved it on.

    Raises WrongState when it is not in one of `expected`, or when there is no such move.
    """
    version = lock(version_id)
    was = version.review_state
    if was not in expected:
        raise WrongState(
            f"{version} is {version.get_review_state_display().lower()} by now; somebody was faster. Look at it again."
        )
    version.move_to(to)
    _require_good_standing(version, was)
    _stamp(version)
    version.save(update_fields=["review_state", "submitted_at", "published_at", "updated_at"])
    activity.record(
        f"version.{to.value}", version, by=by, decision_id=decision.pk if decision else None, was=was, reason=reason
    )
    following.tell(version, by)
    version.refresh_from_db(fields=["review_state", "published_at"])
    return version


def _require_good_standing(version: ListingVersion, was: str) -> None:
    """A banned publisher publishes nothing; a person reads what a restricted one offers to everybody."""
    publisher, to = version.listing.publisher, version.review_state
    if publisher.standing == Standing.BANNED and to in NEEDS_A_PUBLISHER:
        raise Forbidden(f"{publisher} is banned from publishing.", code="publisher_banned")
    unread = was == ReviewState.CHECKING and to == ReviewState.APPROVED
    if unread and publisher.standing == Standing.RESTRICTED and version.is_for_everybody:
        raise Forbidden(f"{publisher} is restricted: a person reads this version first.", code="publisher_restricted")


def _stamp(version: ListingVersion) -> None:
    now = timezone.now()
    if version.review_state == ReviewState.SUBMITTED:
        version.submitted_at = now
    elif version.review_state == ReviewState.PUBLISHED:
        version.published_at = now


@transaction.atomic
def reopen(version_id: UUID, *, decision: Decision, by: Actor) -> ListingVersion:
    """Put a version back into review because `decision`, which is marked as undone by now, no longer counts."""
    version = lock(version_id)
    was = version.review_state
    if was not in ListingVersion.REOPENED:
        raise WrongState(f"{version} is {version.get_review_state_display().lower()}; there is nothing to reopen.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guildhall.reopened_by', %s, true)", [str(decision.pk)])
    version.review_state, version.published_at = ReviewState.IN_REVIEW, None
    version.save(update_fields=["review_state", "published_at", "updated_at"])
    activity.record("version.reopened", version, by=by, decision_id=decision.pk, was=was)
    following.tell(version, by)
    return version


@transaction.atomic
def set_availability(
    version_id: UUID,
    *,
    to: Availability,
    expected: AbstractSet[Availability],
    by: Actor,
    reason: str = "",
    successor: Listing | None = None,
) -> ListingVersion:
    """Say whether its publisher still offers a published version. Anything but available takes a reason."""
    version = lock(version_id)
    was = version.availability
    if not version.is_published:
        raise WrongState(f"{version} is not published; withdraw it instead.")
    if was not in expected or to not in OFFERS[was]:
        raise WrongState(
            f"{version} is {version.get_availability_display().lower()}; it cannot become {to.label.lower()}."
        )
    if to != Availability.AVAILABLE and not reason.strip():
        raise Invalid("Say why, in a sentence for the people who use it.")
    version.availability, version.successor = to, successor if to != Availability.AVAILABLE else None
    version.availability_reason = reason.strip() if to != Availability.AVAILABLE else ""
    version.save(update_fields=["availability", "availability_reason", "successor", "updated_at"])
    activity.record(f"version.{to.value}", version, by=by, was=was, reason=reason)
    return version


@transaction.atomic
def set_health(version_id: UUID, *, to: Health, by: Actor = SYSTEM, reason: str = "") -> ListingVersion:
    """Say how well a version works; saying the same again writes nothing."""
    version = lock(version_id)
    was = version.health
    if was == to:
        return version
    version.health = to
    version.save(update_fields=["health", "updated_at"])
    activity.record("version.health", version, by=by, was=was, now=to.value, reason=reason)
    return version


@transaction.atomic
def set_standing(
    publisher_id: UUID,
    *,
    to: Standing,
    expected: AbstractSet[Standing],
    by: Actor,
    decision: Decision | None = None,
) -> Publisher:
    """Change what a publisher may do. Raises WrongState when somebody changed it meanwhile."""
    publisher = Publisher.objects.select_for_update(no_key=True).filter(pk=publisher_id).first()
    if publisher is None:
        raise NotFound("There is no such publisher.")
    was = publisher.standing
    if was not in expected:
        raise WrongState(f"{publisher} is {publisher.get_standing_display().lower()} by now. Look at it again.")
    publisher.standing = to
    publisher.save(update_fields=["standing", "updated_at"])
    activity.record(
        "publisher.standing", publisher, by=by, decision_id=decision.pk if decision else None, was=was, now=to.value
    )
    return publisher

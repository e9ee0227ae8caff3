"""Writing, changing and taking back one's review."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.models import Listing
from marketplace.moderation.access import people_of
from marketplace.moderation.transitions import lock_listing
from marketplace.reviews import access, alarm, rating
from marketplace.reviews.models import Review, ReviewEdit
from marketplace.reviews.words import refuse_denied
from tenants.addresses import public_reverse
from tenants.errors import Conflict, Forbidden, RateLimited
from tenants.models import Tenant, User
from tenants.notifications.models import Kind
from tenants.notifications.services import notify

MOST_A_DAY = 20  # of one person, over all listings
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says; the lengths are the doors' business."""

    score: int
    title: str
    body: str = ""
    pros: str = ""
    cons: str = ""


@transaction.atomic
def write_review(*, listing: Listing, words: Words, by: User, tenant: Tenant | None = None) -> Review:
    """Review a listing for `tenant`, or for whichever of one's workspaces ran it most."""
    standing = access.may_review(by, tenant, listing) if tenant else access.where_may(by, listing)
    place, version = access.refuse_unless_allowed(standing)
    _refuse_many(by)
    refuse_denied(_texts(words))
    lock_listing(listing.pk)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                listing=listing,
                author=by,
                tenant_id=place.pk,
                version=version,
                verified_runs=standing.runs,
                **asdict(words),
            )
    except IntegrityError as error:
        if "one_review_per_author_and_listing" not in str(error):
            raise
        raise Conflict("You have reviewed this already; change what you wrote.", code="already_reviewed") from None
    rating.renew(listing.pk)
    alarm.look(listing)
    _tell_publisher(review)
    return review


@transaction.atomic
def edit_review(*, review: Review, words: Words, by: User) -> Review:
    """Change one's review; what it said before is kept. It speaks of the newest version that succeeded by now."""
    access.require_author(review, by)
    lock_listing(review.listing_id)
    review = Review.objects.select_for_update(of=("self",)).select_related("listing__publisher").get(pk=review.pk)
    _refuse_hidden(review)
    if asdict(words) == {name: getattr(review, name) for name in asdict(words)}:
        return review
    refuse_denied(_texts(words))
    before = {name: getattr(review, name) for name in (*asdict(words), "version_id")}
    ReviewEdit.objects.create(review=review, **before)
    for name, value in asdict(words).items():
        setattr(review, name, value)
    _speak_of_newest(review, by)
    review.edited_at = timezone.now()
    review.save()
    rating.renew(review.listing_id)
    return review


@transaction.atomic
def remove_review(*, review: Review, by: User) -> None:
    """Take back one's review, with its reply and votes. One that moderators took away stays as it is."""
    access.require_author(review, by)
    lock_listing(review.listing_id)
    _refuse_hidden(Review.objects.select_for_update().get(pk=review.pk))
    review.delete()
    rating.renew(review.listing_id)


def _speak_of_newest(review: Review, by: User) -> None:
    tenant = Tenant.objects.filter(pk=review.tenant_id).first()
    standing = access.may_review(by, tenant, review.listing) if tenant else None
    if standing is not None and standing.version is not None:
        review.version, review.verified_runs = standing.version, standing.runs


def _refuse_hidden(review: Review) -> None:
    if review.is_hidden:
        raise Forbidden(f"Moderators took this review away: {review.hidden_reason}", code="hidden")


def _refuse_many(by: User) -> None:
    today = Review.objects.filter(author=by, created_at__gt=timezone.now() - timedelta(seconds=DAY)).count()
    if today >= MOST_A_DAY:
        raise RateLimited(f"At most {MOST_A_DAY} reviews a day. Come back tomorrow.", retry_after=DAY)


def _texts(words: Words) -> dict[str, str]:
    return {name: value for name, value in asdict(words).items() if isinstance(value, str)}


def _tell_publisher(review: Review) -> None:
    listing = review.listing
    notify(
        users=people_of(listing.publisher),
        kind=Kind.REVIEW,
        title=f"{review.score} of 5 for {listing.title}: {review.title}",
        text=review.body,
        url=f"{public_reverse('reviews:list', listing.publisher.namespace, listing.slug)}#r-{review.pk}",
        key=f"review:{review.pk}",
    )

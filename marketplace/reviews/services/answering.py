"""What others do with a review: find it helpful, and, for the publisher, answer it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from marketplace.models import Publisher
from marketplace.moderation.access import people_of
from marketplace.reviews.models import Review, ReviewReply, ReviewVote
from marketplace.reviews.words import refuse_denied
from tenants.addresses import public_reverse
from tenants.errors import Forbidden, NotFound
from tenants.models import User
from tenants.notifications.models import Kind
from tenants.notifications.services import notify


@transaction.atomic
def vote(*, review: Review, by: User) -> Review:
    """Say that a review helped; twice is once."""
    if review.author_id == by.pk:
        raise Forbidden("Nobody votes for their own review.", code="own_review")
    locked = _locked(review)
    _, is_new = ReviewVote.objects.get_or_create(review=locked, user=by)
    return _counted(locked, 1 if is_new else 0)


@transaction.atomic
def unvote(*, review: Review, by: User) -> Review:
    locked = _locked(review)
    gone, _ = ReviewVote.objects.filter(review=locked, user=by).delete()
    return _counted(locked, -gone)


@transaction.atomic
def reply(*, review: Review, text: str, by: User) -> ReviewReply:
    """The publisher's answer; said again, it takes the place of the first. The review's author hears of it."""
    _require_spokesman(review.listing.publisher, by)
    refuse_denied({"text": text})
    locked = _locked(review)
    if locked.is_hidden:
        raise NotFound("There is no such review here.")
    answer, is_new = ReviewReply.objects.get_or_create(review=locked, defaults={"author": by, "text": text})
    if not is_new:
        answer.author, answer.text, answer.edited_at = by, text, timezone.now()
        answer.save()
    _tell_author(locked, answer)
    return answer


@transaction.atomic
def take_back_reply(*, review: Review, by: User) -> None:
    _require_spokesman(review.listing.publisher, by)
    gone, _ = ReviewReply.objects.filter(review=review).delete()
    if not gone:
        raise NotFound("There is no answer to this review.")


def speaks_for(publisher: Publisher, user: User) -> bool:
    return any(person.pk == user.pk for person in people_of(publisher))


def _require_spokesman(publisher: Publisher, by: User) -> None:
    if not speaks_for(publisher, by):
        raise Forbidden(f"Only the owners and admins of {publisher.display_name} answer its reviews.")


def _locked(review: Review) -> Review:
    found = (
        Review.objects.select_for_update(of=("self",)).select_related("listing__publisher").filter(pk=review.pk).first()
    )
    if found is None:
        raise NotFound("There is no such review here.")
    return found


def _counted(review: Review, more: int) -> Review:
    if more:
        Review.objects.filter(pk=review.pk).update(helpful=F("helpful") + more)
        review.refresh_from_db(fields=["helpful"])
    return review


def _tell_author(review: Review, answer: ReviewReply) -> None:
    listing = review.listing
    notify(
        users=[review.author],
        kind=Kind.REVIEW_REPLY,
        title=f"{listing.publisher.display_name} answered your review of {listing.title}",
        text=answer.text,
        url=f"{public_reverse('reviews:list', listing.publisher.namespace, listing.slug)}#r-{review.pk}",
    )

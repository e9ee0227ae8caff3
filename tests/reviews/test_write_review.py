"""Who may review, and what the database refuses whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.models import Listing, ListingVersion, PublisherMember
from marketplace.reviews.access import may_review, where_may
from marketplace.reviews.models import Review, ReviewEdit, ReviewVote
from marketplace.reviews.services import Words, edit_review, remove_review, vote, write_review
from tenants.errors import Conflict, DomainError, Forbidden, Invalid, RateLimited
from tenants.models import Membership, Tenant, User
from tenants.notifications.models import Notification
from tests.reviews.conftest import Ran, SomebodyElse

GOOD = Words(score=5, title="It reads well", body="Ten contracts, ten summaries.", pros="Citations", cons="Slow")


def refused(user: User, listing: Listing, words: Words = GOOD) -> DomainError:
    before = Review.objects.count()
    with pytest.raises(DomainError) as caught:
        write_review(listing=listing, words=words, by=user)
    assert Review.objects.count() == before
    return caught.value


def test_after_a_run_that_succeeded(
    listing: Listing, version: ListingVersion, mallory: User, globex: Tenant, alice: User, victor: User, ran: Ran
) -> None:
    ran(globex, 3)
    ran(globex, 2, status="failed")
    review = write_review(listing=listing, words=GOOD, by=mallory)
    assert (review.version_id, review.tenant_id, review.verified_runs, review.score) == (version.pk, globex.pk, 3, 5)
    listing.refresh_from_db()
    assert (listing.rating_count, listing.rating_bayes) == (1, 3.75)
    [told] = Notification.objects.all()
    assert (told.user_id, told.kind, told.title) == (alice.pk, "review", "5 of 5 for Document analyst: It reads well")


def test_without_one_it_is_refused_with_what_to_do(
    listing: Listing, mallory: User, globex: Tenant, acme: Tenant, ran: Ran
) -> None:
    ran(acme)
    ran(globex, status="failed")
    refusal = refused(mallory, listing)
    assert (refusal.status, refusal.code) == (403, "no_run")
    assert refusal.detail.startswith("No run of Document analyst has succeeded in Globex yet.")


def test_a_simulation_that_was_completed_counts(listing: Listing, mallory: User, globex: Tenant, ran: Ran) -> None:
    ran(globex, status="completed")
    assert may_review(mallory, globex, listing).allowed


def test_nobody_of_the_publishers_own(
    listing: Listing, alice: User, victor: User, mallory: User, acme: Tenant, globex: Tenant, ran: Ran
) -> None:
    ran(acme)
    ran(globex)
    assert refused(alice, listing).code == "own_listing"
    Membership.objects.create(user=victor, tenant=globex, role=Membership.Role.VIEWER)
    assert refused(victor, listing).code == "own_listing"
    PublisherMember.objects.create(publisher=listing.publisher, user=mallory, role="maintainer")
    assert refused(mallory, listing).code == "own_listing"


def test_somebody_without_a_workspace(listing: Listing, moderator: User) -> None:
    assert where_may(moderator, listing).code == "no_workspace"


def test_one_of_an_author_and_listing(listing: Listing, mallory: User, globex: Tenant, ran: Ran) -> None:
    ran(globex)
    write_review(listing=listing, words=GOOD, by=mallory)
    refusal = refused(mallory, listing)
    assert (type(refusal), refusal.code) == (Conflict, "already_reviewed")


@pytest.mark.parametrize("title", ["Casino  BONUS inside", "cas\u200bino bonus", "càsino bonus!"])
def test_denied_words_in_every_spelling(listing: Listing, mallory: User, globex: Tenant, ran: Ran, title: str) -> None:
    ran(globex)
    refusal = refused(mallory, listing, Words(score=5, title=title, body="viagra"))
    assert isinstance(refusal, Invalid)
    assert [(error.field, error.code) for error in refusal.errors] == [
        ("title", "denied_word"),
        ("body", "denied_word"),
    ]
    assert may_review(mallory, globex, listing).allowed


def test_twenty_a_day(listing: Listing, mallory: User, globex: Tenant, ran: Ran, monkeypatch: Any) -> None:
    ran(globex)
    monkeypatch.setattr("marketplace.reviews.services.writing.MOST_A_DAY", 0)
    assert isinstance(refused(mallory, listing), RateLimited)


def row(listing: Listing, version: ListingVersion, author: User, tenant: Tenant, **more: Any) -> Review:
    """Straight into the table, past every service."""
    values = {"score": 3, "title": "Planted", "verified_runs": 1, **more}
    with transaction.atomic():
        return Review.objects.create(listing=listing, version=version, author=author, tenant_id=tenant.pk, **values)


@pytest.mark.parametrize("score", [0, 6, 1_000])
def test_the_database_refuses_other_scores(
    listing: Listing, version: ListingVersion, mallory: User, globex: Tenant, ran: Ran, score: int
) -> None:
    ran(globex)
    with pytest.raises(IntegrityError, match="score_is_from_1_to_5"):
        row(listing, version, mallory, globex, score=score)
    planted = row(listing, version, mallory, globex)
    with pytest.raises(IntegrityError, match="score_is_from_1_to_5"), transaction.atomic():
        Review.objects.filter(pk=planted.pk).update(score=score)


def test_the_database_refuses_a_review_without_a_run(
    listing: Listing, version: ListingVersion, mallory: User, globex: Tenant, acme: Tenant, ran: Ran
) -> None:
    ran(acme, 5)
    ran(globex, status="failed")
    with pytest.raises(IntegrityError, match="comes after a run"):
        row(listing, version, mallory, globex)
    ran(globex)
    with pytest.raises(IntegrityError, match="a_review_comes_after_a_run"):
        row(listing, version, mallory, globex, verified_runs=0)
    row(listing, version, mallory, globex)


def test_the_database_refuses_the_publishers_people(
    listing: Listing, version: ListingVersion, alice: User, mallory: User, acme: Tenant, globex: Tenant, ran: Ran
) -> None:
    ran(acme)
    ran(globex)
    Membership.objects.create(user=alice, tenant=globex, role=Membership.Role.VIEWER)
    for author, tenant in ((alice, acme), (alice, globex), (mallory, acme)):
        with pytest.raises(IntegrityError, match="their own people"):
            row(listing, version, author, tenant)
    planted = row(listing, version, mallory, globex)
    with pytest.raises(IntegrityError, match="their own people"), transaction.atomic():
        Review.objects.filter(pk=planted.pk).update(author=alice)


def test_the_database_refuses_a_workspace_that_is_not_theirs(
    listing: Listing, version: ListingVersion, moderator: User, globex: Tenant, ran: Ran
) -> None:
    ran(globex)
    with pytest.raises(IntegrityError, match="belongs to"):
        row(listing, version, moderator, globex)


def test_the_database_refuses_a_vote_for_ones_own(
    listing: Listing, mallory: User, alice: User, globex: Tenant, ran: Ran
) -> None:
    ran(globex)
    review = write_review(listing=listing, words=GOOD, by=mallory)
    with pytest.raises(IntegrityError, match="their own review"), transaction.atomic():
        ReviewVote.objects.create(review=review, user=mallory)
    with pytest.raises(Forbidden):
        vote(review=review, by=mallory)
    assert vote(review=review, by=alice).helpful == 1
    assert vote(review=review, by=alice).helpful == 1


def test_a_change_keeps_what_it_said(listing: Listing, mallory: User, globex: Tenant, ran: Ran) -> None:
    ran(globex)
    review = write_review(listing=listing, words=GOOD, by=mallory)
    ran(globex)
    edited = edit_review(review=review, words=Words(score=2, title="Not any more"), by=mallory)
    assert (edited.score, edited.verified_runs, edited.edited_at is not None) == (2, 2, True)
    [before] = ReviewEdit.objects.all()
    assert (before.score, before.title, before.body, before.pros) == (5, GOOD.title, GOOD.body, "Citations")
    listing.refresh_from_db()
    assert (listing.rating_count, listing.rating_bayes) == (1, 3.25)
    assert edit_review(review=edited, words=Words(score=2, title="Not any more"), by=mallory).pk == review.pk
    assert ReviewEdit.objects.count() == 1


def test_only_its_author_changes_or_removes_it(
    listing: Listing, mallory: User, globex: Tenant, colleague: SomebodyElse, ran: Ran
) -> None:
    ran(globex)
    review, carol = write_review(listing=listing, words=GOOD, by=mallory), colleague("carol")
    with pytest.raises(Forbidden):
        edit_review(review=review, words=Words(score=1, title="No"), by=carol)
    with pytest.raises(Forbidden):
        remove_review(review=review, by=carol)
    remove_review(review=review, by=mallory)
    listing.refresh_from_db()
    assert (Review.objects.count(), listing.rating_count, listing.rating_bayes) == (0, 0, 0.0)

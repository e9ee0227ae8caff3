"""The reviews of a listing as people meet them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marketplace.models import Listing
from marketplace.moderation.models import Report, ReviewTask
from marketplace.moderation.targets import reviews
from marketplace.reviews import alarm
from marketplace.reviews.models import DeniedWord, Review
from marketplace.reviews.rating import rating, rating_of
from marketplace.reviews.services import Words, write_review
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tests.conftest import ClientOf
from tests.reviews.conftest import Ran, SomebodyElse

GOOD = {"score": "5", "title": "It reads well", "pros": "Citations", "cons": "", "body": "<b>Ten</b> contracts."}


@pytest.fixture
def review(listing: Listing, mallory: User, globex: Tenant, ran: Ran) -> Review:
    ran(globex, 2)
    return write_review(listing=listing, words=Words(score=4, title="It reads well", body="<b>Ten</b>"), by=mallory)


def titles(client: Client, address: str) -> list[str]:
    return re.findall(r'<h3 id="t-[^>]*>([^<]*)</h3>', client.get(address).content.decode())


def test_a_stranger_reads_and_is_asked_to_sign_in(client: Client, address: str, review: Review) -> None:
    page = client.get(address).content.decode()
    assert "It reads well" in page
    assert "&lt;b&gt;Ten&lt;/b&gt;" in page
    assert "4.0 of 5" in page
    assert "Sign in to say how it was" in page
    assert "Globex" not in page
    answer = client.post(f"{address}write/", GOOD)
    assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)


def test_writing_and_changing(client_of: ClientOf, address: str, mallory: User, globex: Tenant, ran: Ran) -> None:
    client = client_of(mallory)
    page = client.get(f"{address}write/").content.decode()
    assert "No run of Document analyst has succeeded in Globex yet." in page
    assert 'name="title"' not in page
    assert client.post(f"{address}write/", GOOD).status_code == 422
    assert Review.objects.count() == 0
    ran(globex)
    assert client.post(f"{address}write/", {**GOOD, "score": "6"}).status_code == 422
    assert client.post(f"{address}write/", {**GOOD, "title": "viagra"}).status_code == 422
    assert client.post(f"{address}write/", GOOD).status_code == 302
    assert client.post(f"{address}write/", {**GOOD, "score": "3"}).status_code == 302
    changed = Review.objects.get()
    assert (changed.score, changed.edits.get().score) == (3, 5)
    assert "what it said before" in client.get(address).content.decode()


def test_the_publishers_people_are_told_why_not(client_of: ClientOf, address: str, alice: User, review: Review) -> None:
    page = client_of(alice).get(address).content.decode()
    assert "Nobody reviews what their own people offer" in page
    assert "Write a review" not in page


def test_sorting_and_narrowing(
    client: Client, address: str, listing: Listing, review: Review, colleague: SomebodyElse
) -> None:
    write_review(listing=listing, words=Words(score=1, title="It did not"), by=colleague("carol"))
    Review.objects.filter(pk=review.pk).update(helpful=3)
    assert titles(client, address) == ["It reads well", "It did not"]
    assert titles(client, f"{address}?sort=newest") == ["It did not", "It reads well"]
    assert titles(client, f"{address}?sort=lowest") == ["It did not", "It reads well"]
    assert titles(client, f"{address}?score=1") == ["It did not"]
    assert titles(client, f"{address}?version=9.9.9") == []
    assert titles(client, f"{address}?version={review.version.semver}&sort=nonsense") == ["It reads well", "It did not"]


def test_votes_replies_and_reports(
    client_of: ClientOf, address: str, alice: User, victor: User, mallory: User, review: Review
) -> None:
    one = f"{address}{review.pk}/"
    assert client_of(victor).post(f"{one}vote/").status_code == 302
    assert client_of(mallory).post(f"{one}vote/").status_code == 302
    review.refresh_from_db()
    assert review.helpful == 1
    client_of(victor).post(f"{one}vote/", {"back": "1"})
    client_of(victor).post(f"{one}reply/", {"text": "Only admins speak."})
    client_of(alice).post(f"{one}reply/", {"text": "We made it faster."})
    client_of(alice).post(f"{one}reply/", {"text": "We made it much faster."})
    review.refresh_from_db()
    assert (review.helpful, review.reply.text, review.reply.edited_at is not None) == (
        0,
        "We made it much faster.",
        True,
    )
    told = Notification.objects.filter(user=mallory, kind="review_reply")
    assert told.first().title == "Acme Works answered your review of Document analyst"  # type: ignore[union-attr]
    client_of(alice).post(f"{one}report/", {"reason": "spam", "text": "It is about something else."})
    report = Report.objects.get()
    assert (report.review_id, report.reason, report.state) == (review.pk, "spam", "open")
    assert ReviewTask.objects.get(review_id=review.pk).kind == "report"


def test_moderators_take_it_away_and_bring_it_back(
    client: Client, client_of: ClientOf, address: str, listing: Listing, mallory: User, review: Review
) -> None:
    reviews().hide(review.pk, "It names a person.")
    listing.refresh_from_db()
    assert (titles(client, address), listing.rating_count, listing.rating_bayes) == ([], 0, 0.0)
    page = client_of(mallory).get(address).content.decode()
    assert "Moderators took your review away: It names a person." in page
    assert client_of(mallory).post(f"{address}write/", GOOD).status_code == 422
    client_of(mallory).post(f"{address}{review.pk}/remove/")
    assert client.get(address).status_code == 200
    assert Review.objects.get().score == 4
    reviews().show(review.pk)
    listing.refresh_from_db()
    assert (titles(client, address), listing.rating_count) == (["It reads well"], 1)


def test_many_voices_of_one_workspace_call_a_person(listing: Listing, review: Review, colleague: SomebodyElse) -> None:
    write_review(listing=listing, words=Words(score=5, title="Me too"), by=colleague("carol"))
    assert ReviewTask.objects.count() == 0
    for name in ("dave", "erin"):
        write_review(listing=listing, words=Words(score=5, title="Me too"), by=colleague(name))
    task = ReviewTask.objects.get()
    assert (task.kind, task.listing_id, task.reasons, task.weight) == (
        "retro", listing.pk, ["reviews_of_one_workspace"], alarm.POINTS,
    )  # fmt: skip
    assert task.due_at is not None
    for name in ("fay", "gus", "hal", "ida", "jon", "kim"):
        write_review(listing=listing, words=Words(score=5, title="Me too"), by=colleague(name))
    assert set(ReviewTask.objects.get().reasons) == {"reviews_of_one_workspace", "review_velocity"}


def test_the_rating_of_few_is_drawn_to_the_middle(listing: Listing, review: Review) -> None:
    found = rating(listing)
    assert (found.count, found.mean, found.bayes) == (1, 4.0, 3.5833)
    assert [(bar.score, bar.count, bar.share) for bar in found.bars] == [
        (5, 0, 0), (4, 1, 100), (3, 0, 0), (2, 0, 0), (1, 0, 0),
    ]  # fmt: skip
    assert (rating_of({5: 100}).bayes, rating_of({1: 1}).bayes, rating_of({}).bayes) == (4.9286, 3.0833, 0.0)


def test_moderators_keep_the_denied_words(client_of: ClientOf, moderator: User, alice: User, listing: Listing) -> None:
    add = "/admin/reviews/deniedword/add/"
    assert client_of(alice).post(add, {"word": "gossip", "why": "No."}).status_code == 404
    assert not DeniedWord.objects.filter(word="gossip").exists()
    assert client_of(moderator).post(add, {"word": "Gossip", "why": "Capitals"}).status_code == 200
    assert client_of(moderator).post(add, {"word": "gossip", "why": "No."}).status_code == 302
    assert DeniedWord.objects.get(word="gossip").why == "No."

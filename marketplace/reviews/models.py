"""What people say about a listing that they have really run. Public schema; whoever says it did so for a workspace."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models import Listing, ListingVersion
from tenants.models import User
from tenants.rows import Row

LOWEST, HIGHEST = 1, 5
LONGEST_TITLE, LONGEST_POINT, LONGEST_BODY, LONGEST_REPLY = 120, 400, 4000, 2000


class Said(models.Model):
    """The words and the score, as they stand now or stood before an edit; `pros` and `cons` are a line each."""

    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=LONGEST_TITLE)
    body = models.TextField(blank=True, max_length=LONGEST_BODY)
    pros = models.CharField(max_length=LONGEST_POINT, blank=True)
    cons = models.CharField(max_length=LONGEST_POINT, blank=True)

    class Meta:
        abstract = True


class Review(Said, Row):
    """One person's judgement of one listing.

    `verified_runs` is how many runs of the listing had succeeded in their workspace when they wrote it. A trigger refuses a review
    without such a run, one by a person of the publisher's, and one for a workspace that its author does not belong to.
    A hidden review counts nowhere; `hidden_reason` is for its author.
    """

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="reviews")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reviews")
    tenant_id = models.UUIDField()
    verified_runs = models.PositiveIntegerField()
    helpful = models.PositiveIntegerField(default=0, help_text="How many found it so.")
    edited_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_review_per_author_and_listing", fields=["listing", "author"]),
            models.CheckConstraint(name="score_is_from_1_to_5", condition=Q(score__gte=LOWEST, score__lte=HIGHEST)),
            models.CheckConstraint(name="a_review_comes_after_a_run", condition=Q(verified_runs__gte=1)),
            models.CheckConstraint(name="a_review_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="a_hidden_review_says_why", condition=Q(hidden_at__isnull=True) | ~Q(hidden_reason="")
            ),
        ]
        indexes = [
            models.Index(
                name="review_helpful",
                fields=["listing", "-helpful", "-created_at", "-id"],
                condition=Q(hidden_at__isnull=True),
            ),
            models.Index(
                name="review_newest", fields=["listing", "-created_at", "-id"], condition=Q(hidden_at__isnull=True)
            ),
            models.Index(name="review_of_author", fields=["author", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.score} of {HIGHEST}: {self.title}"

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None


class ReviewEdit(Said, Row):
    """What a review said before its author changed it; `created_at` is when that ended."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="edits")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="former_score_is_from_1_to_5", condition=Q(score__gte=LOWEST, score__lte=HIGHEST)
            )
        ]
        indexes = [models.Index(name="edits_of_review", fields=["review", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.score} until {self.created_at:%Y-%m-%d}"


class ReviewReply(Row):
    """The publisher's one answer."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="reply")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, related_name="+", null=True)
    text = models.TextField(max_length=LONGEST_REPLY)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="a_reply_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text[:60]


class ReviewVote(Row):
    """Somebody found a review helpful; a trigger refuses its author's own vote."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="one_vote_per_person_and_review", fields=["review", "user"])]

    def __str__(self) -> str:
        return f"{self.user_id} finds {self.review_id} helpful"


class DeniedWord(Row):
    """A word, or several, that no review and no reply may contain. Small letters, single spaces."""

    word = models.CharField(max_length=60, unique=True)
    why = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="denied_word_is_in_small_letters", condition=Q(word__regex=r"^[^A-Z\s]+( [^A-Z\s]+)*$")
            )
        ]

    def __str__(self) -> str:
        return self.word

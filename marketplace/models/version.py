"""One numbered manifest, and the four things that are said about it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.models.listing import Health, Listing
from tenants.errors import WrongState
from tenants.rows import Row


class ListingVersion(Row):
    """One numbered manifest. Once submitted, its content never changes; a trigger in the database sees to that too.

    Four things are said about a version and kept apart: how its review stands (`review_state`), whether its publisher
    still offers it (`availability`), whether the platform blocks it (rows of `marketplace.enforcement`), and how well it
    works (`health`). Only `marketplace.moderation.transitions` writes these columns; a trigger refuses moves not in `NEXT`.
    """

    class ReviewState(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        CHECKING = "checking", "Being checked"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "Published"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Availability(models.TextChoices):
        AVAILABLE = "available", "Available"
        DEPRECATED = "deprecated", "Deprecated"
        YANKED = "yanked", "Withdrawn by its publisher"

    class Risk(models.IntegerChoices):
        LOW = 1, "Low"
        MEDIUM = 2, "Medium"
        HIGH = 3, "High"

    NEXT: ClassVar[dict[str, set[str]]] = {
        ReviewState.DRAFT: {ReviewState.SUBMITTED},
        ReviewState.SUBMITTED: {ReviewState.CHECKING, ReviewState.WITHDRAWN},
        ReviewState.CHECKING: {
            ReviewState.CHANGES_REQUESTED,
            ReviewState.IN_REVIEW,
            ReviewState.APPROVED,
            ReviewState.WITHDRAWN,
        },
        ReviewState.CHANGES_REQUESTED: {ReviewState.SUBMITTED, ReviewState.WITHDRAWN},
        ReviewState.IN_REVIEW: {
            ReviewState.APPROVED,
            ReviewState.CHANGES_REQUESTED,
            ReviewState.REJECTED,
            ReviewState.WITHDRAWN,
        },
        ReviewState.APPROVED: {ReviewState.PUBLISHED, ReviewState.WITHDRAWN},
        ReviewState.PUBLISHED: set(),
        ReviewState.REJECTED: set(),
        ReviewState.WITHDRAWN: set(),
    }

    REOPENED: ClassVar[frozenset[str]] = frozenset(
        {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.PUBLISHED, ReviewState.REJECTED}
    )  # back to in_review, and only when the decision that led here is undone or overturned

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="versions")
    semver = models.CharField(max_length=64)
    manifest = models.JSONField()
    digest = models.CharField(max_length=71)
    size = models.PositiveIntegerField()
    changelog = models.TextField(blank=True)
    risk = models.PositiveSmallIntegerField(choices=Risk)
    visibility = models.CharField(
        max_length=16,
        choices=Listing.Visibility,
        default=Listing.Visibility.PUBLIC,
        help_text="For whom it was sent in; what was sent in for fewer was not read by a person.",
    )
    review_state = models.CharField(max_length=20, choices=ReviewState, default=ReviewState.DRAFT)
    availability = models.CharField(max_length=16, choices=Availability, default=Availability.AVAILABLE)
    availability_reason = models.CharField(max_length=400, blank=True)
    successor = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    health = models.CharField(max_length=16, choices=Health, default=Health.UNKNOWN)
    submitted_by_id = models.UUIDField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_version_per_number", fields=["listing", "semver"]),
            models.CheckConstraint(
                name="version_review_state_is_known",
                condition=Q(
                    review_state__in=[
                        "draft", "submitted", "checking", "changes_requested", "in_review", "approved", "published", "rejected",
                        "withdrawn",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="version_availability_is_known", condition=Q(availability__in=["available", "deprecated", "yanked"])
            ),
            models.CheckConstraint(
                name="version_visibility_is_known",
                condition=Q(visibility__in=["private", "shared", "unlisted", "public"]),
            ),
            models.CheckConstraint(
                name="version_health_is_known", condition=Q(health__in=["ok", "degraded", "failing", "unknown"])
            ),
            models.CheckConstraint(
                name="published_version_has_a_date", condition=~Q(review_state="published") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="withdrawn_offer_has_a_reason", condition=Q(availability="available") | ~Q(availability_reason="")
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="version_newest", fields=["listing", "-published_at"]),
            models.Index(name="version_review", fields=["review_state", "submitted_at"]),
            models.Index(name="version_digest", fields=["digest"]),
        ]

    def __str__(self) -> str:
        return f"{self.listing.title} {self.semver}"

    @property
    def is_for_everybody(self) -> bool:
        return self.visibility in {Listing.Visibility.PUBLIC, Listing.Visibility.UNLISTED}

    @property
    def is_published(self) -> bool:
        return self.review_state == self.ReviewState.PUBLISHED

    def move_to(self, state: ReviewState) -> None:
        """Change the review state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.review_state]:
            raise WrongState(
                f"Version {self.semver} is {self.get_review_state_display().lower()}; it cannot become {state.label.lower()}."
            )
        self.review_state = state

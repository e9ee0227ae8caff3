"""What is published and judged. All of it lives in the public schema and refers to no workspace's rows."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from tenants.errors import WrongState
from tenants.rows import Row


class Publisher(Row):
    """Who answers for a listing. `namespace` is the first half of its address and is never given to anybody else."""

    class Standing(models.TextChoices):
        GOOD = "good", "Good"
        WARNED = "warned", "Warned"
        RESTRICTED = "restricted", "Restricted"
        BANNED = "banned", "Banned"

    namespace = models.CharField(max_length=50, unique=True)
    display_name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    tenant_id = models.UUIDField(null=True, blank=True, unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    standing = models.CharField(max_length=16, choices=Standing, default=Standing.GOOD)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publisher_standing_is_known", condition=Q(standing__in=["good", "warned", "restricted", "banned"])
            )
        ]

    def __str__(self) -> str:
        return self.display_name


class Listing(Row):
    """Something offered on the marketplace. The words are those of `current_version`, copied for search and cards."""

    class Kind(models.TextChoices):
        AGENT = "agent", "Agent"
        CREW = "crew", "Crew"
        TOOL = "tool", "Tool"
        SCENARIO = "scenario", "Scenario"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="listings")
    slug = models.CharField(max_length=50)
    kind = models.CharField(max_length=16, choices=Kind)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=160)
    description = models.TextField()
    category = models.CharField(max_length=32)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    licence = models.CharField(max_length=32)
    offline = models.BooleanField(default=False, help_text="Works without a language model or its key.")
    current_version = models.ForeignKey(
        "ListingVersion", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    published_at = models.DateTimeField(null=True, blank=True)
    installs = models.PositiveIntegerField(default=0)
    search = SearchVectorField(null=True, editable=False)
    trigrams = ArrayField(models.CharField(max_length=3), default=list, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_listing_per_address", fields=["publisher", "slug"]),
            models.CheckConstraint(
                name="listing_kind_is_known", condition=Q(kind__in=["agent", "crew", "tool", "scenario"])
            ),
            models.CheckConstraint(
                name="published_listing_has_a_version",
                condition=Q(published_at__isnull=True) | Q(current_version__isnull=False),
            ),
        ]
        indexes = [
            GinIndex(name="listing_search", fields=["search"]),
            GinIndex(name="listing_trigrams", fields=["trigrams"]),
            models.Index(name="listing_newest", fields=["-published_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        return f"{self.publisher.namespace}/{self.slug}"


class ListingVersion(Row):
    """One numbered manifest. Once submitted, its content never changes; a trigger in the database sees to that too.

    Four things are said about a version and kept apart: how its review stands (`review_state`), whether its publisher
    still offers it (`availability`), whether the platform blocks it, and how well it works.
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

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="versions")
    semver = models.CharField(max_length=64)
    manifest = models.JSONField()
    digest = models.CharField(max_length=71)
    size = models.PositiveIntegerField()
    changelog = models.TextField(blank=True)
    risk = models.PositiveSmallIntegerField(choices=Risk)
    review_state = models.CharField(max_length=20, choices=ReviewState, default=ReviewState.DRAFT)
    availability = models.CharField(max_length=16, choices=Availability, default=Availability.AVAILABLE)
    availability_reason = models.CharField(max_length=400, blank=True)
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
                name="published_version_has_a_date", condition=~Q(review_state="published") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="withdrawn_offer_has_a_reason", condition=Q(availability="available") | ~Q(availability_reason="")
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="version_newest", fields=["listing", "-published_at"])]

    def __str__(self) -> str:
        return f"{self.listing.title} {self.semver}"

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


class InstallLedger(Row):
    """Which workspace holds which version: what the platform needs to warn and to count, and nothing more."""

    class State(models.TextChoices):
        INSTALLED = "installed", "Installed"
        REMOVED = "removed", "Removed"

    tenant_id = models.UUIDField()
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="ledger")
    listing_version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="ledger")
    digest = models.CharField(max_length=71)
    state = models.CharField(max_length=16, choices=State, default=State.INSTALLED)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_ledger_line_per_workspace_and_listing", fields=["tenant_id", "listing"]),
            models.CheckConstraint(name="ledger_state_is_known", condition=Q(state__in=["installed", "removed"])),
        ]
        indexes = [models.Index(name="ledger_holders", fields=["listing_version", "state"])]

    def __str__(self) -> str:
        return f"{self.tenant_id} holds {self.listing_version_id}"

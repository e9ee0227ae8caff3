"""What is offered, under an address that is given once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketplace.models.publisher import Publisher
from tenants.rows import Row


class Health(models.TextChoices):
    """How well a version works, by what happened to it: never a judgement of a person."""

    OK = "ok", "Works"
    DEGRADED = "degraded", "Works less well than it did"
    FAILING = "failing", "Fails"
    UNKNOWN = "unknown", "Not known yet"


class Listing(Row):
    """Something offered on the marketplace. The words are those of `current_version`, copied for search and cards.

    Its address is given once: a published listing is retired, never deleted, and nobody gets its name again.
    """

    class Kind(models.TextChoices):
        AGENT = "agent", "Agent"
        CREW = "crew", "Crew"
        TOOL = "tool", "Tool"
        SCENARIO = "scenario", "Scenario"

    class Visibility(models.TextChoices):
        PRIVATE = "private", "Only its own workspace"
        SHARED = "shared", "Workspaces that it was shared with"
        UNLISTED = "unlisted", "Everybody with the link"
        PUBLIC = "public", "Everybody"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="listings")
    slug = models.CharField(max_length=50)
    kind = models.CharField(max_length=16, choices=Kind)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=160)
    description = models.TextField()
    category = models.CharField(max_length=32)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    licence = models.CharField(max_length=32)
    visibility = models.CharField(max_length=16, choices=Visibility, default=Visibility.PUBLIC)
    offline = models.BooleanField(default=False, help_text="Works without a language model or its key.")
    current_version = models.ForeignKey(
        "ListingVersion", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    forked_from = models.ForeignKey(
        "ListingVersion", on_delete=models.PROTECT, related_name="forks", null=True, blank=True
    )
    forked_from_digest = models.CharField(max_length=71, blank=True)
    featured_until = models.DateTimeField(null=True, blank=True)
    rating_bayes = models.FloatField(default=0.0)
    rating_count = models.PositiveIntegerField(default=0)
    active_tenants = models.PositiveIntegerField(default=0)
    health = models.CharField(max_length=16, choices=Health, default=Health.UNKNOWN)
    installs = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_listing_per_address", fields=["publisher", "slug"]),
            models.CheckConstraint(
                name="listing_kind_is_known", condition=Q(kind__in=["agent", "crew", "tool", "scenario"])
            ),
            models.CheckConstraint(
                name="listing_visibility_is_known",
                condition=Q(visibility__in=["private", "shared", "unlisted", "public"]),
            ),
            models.CheckConstraint(
                name="listing_health_is_known", condition=Q(health__in=["ok", "degraded", "failing", "unknown"])
            ),
            models.CheckConstraint(
                name="published_listing_has_a_version",
                condition=Q(published_at__isnull=True) | Q(current_version__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="listing_newest", fields=["-published_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        return f"{self.publisher.namespace}/{self.slug}"

    @property
    def is_featured(self) -> bool:
        """Whether the staff recommends it for the time being; a badge that everybody sees says so."""
        return self.featured_until is not None and self.featured_until > timezone.now()

    @property
    def is_for_everybody(self) -> bool:
        """Whether people outside its workspace can find it, so that people of the platform read it first."""
        return self.visibility in {self.Visibility.PUBLIC, self.Visibility.UNLISTED}


class ListingShare(Row):
    """A workspace that may see and install a shared listing."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="shares")
    tenant_id = models.UUIDField()
    by_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_share_per_workspace_and_listing", fields=["listing", "tenant_id"])
        ]
        indexes = [models.Index(name="shares_of_a_workspace", fields=["tenant_id"])]

    def __str__(self) -> str:
        return f"{self.listing_id} shared with {self.tenant_id}"

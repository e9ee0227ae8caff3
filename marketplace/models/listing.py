"""What is offered, under an address that is given once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from marketplace.models.publisher import Publisher
from tenants.rows import Row


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

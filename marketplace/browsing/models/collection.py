"""Listings that the staff puts together, in an order and with a reason."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models import Listing
from tenants.rows import Row


class Collection(Row):
    """A titled choice of listings. Those with a `persona` stand on the first page of the market."""

    class Persona(models.TextChoices):
        NONE = "", "Not on the first page"
        BUSINESS = "business", "Business"
        TEACHING = "teaching", "Teaching"
        BUILDING = "building", "Building"

    slug = models.SlugField(max_length=50, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    persona = models.CharField(max_length=16, choices=Persona, blank=True, default=Persona.NONE)
    shown = models.BooleanField(default=True, help_text="Whether everybody sees it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="collection_persona_is_known", condition=Q(persona__in=["", "business", "teaching", "building"])
            )
        ]

    def __str__(self) -> str:
        return self.title


class CollectionItem(Row):
    """A listing in a collection, and why it is there."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="in_collections")
    position = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(name="a_listing_is_once_in_a_collection", fields=["collection", "listing"])
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} in {self.collection_id}"

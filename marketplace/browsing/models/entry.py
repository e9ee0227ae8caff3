"""The index of the search: one short row per public listing, so that 100,000 of them are searched in milliseconds."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from marketplace.models import Listing


class Entry(models.Model):
    """How a public listing is found and ordered. Made from the listing, never written by hand (`indexing`, `standing`).

    `weight` is the order without words: 1,000 per doubling of the workspaces that use it, plus its quality in thousandths.
    `trusted` says whether the very name may lead the results: a verified publisher, or some workspaces that use it.
    """

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True, related_name="entry")
    slug = models.CharField(max_length=50)
    title = models.CharField(max_length=120)
    name = models.CharField(max_length=120, help_text="The title as it is compared: folded, single spaces.")
    names = SearchVectorField(help_text="Words of title and address.")
    words = SearchVectorField(help_text="All words, weighted.")
    traits = ArrayField(models.CharField(max_length=60), help_text="What the filters ask for, as `filter:value`.")
    tags = ArrayField(models.CharField(max_length=50))
    usd = models.FloatField(help_text="Most that one run may cost, by its own limit.")
    published_at = models.DateTimeField()
    rating = models.FloatField(default=0.0)
    workspaces = models.PositiveIntegerField(default=0, help_text="That use it, without its publisher's.")
    weight = models.IntegerField(default=0)
    trusted = models.BooleanField(default=False)
    usable = models.BooleanField(default=True, help_text="Neither failing nor deprecated.")

    class Meta:
        indexes = [
            GinIndex(name="entry_names", fields=["names"]),
            GinIndex(name="entry_words", fields=["words"]),
            GinIndex(name="entry_traits", fields=["traits"]),
            GinIndex(name="entry_tags", fields=["tags"]),
            models.Index(name="entry_name", fields=["name"]),
            models.Index(name="entry_slug", fields=["slug"]),
            models.Index(name="entry_weight", fields=["-weight", "listing"]),
            models.Index(name="entry_newest", fields=["-published_at", "listing"]),
            models.Index(name="entry_rating", fields=["-rating", "listing"]),
            models.Index(name="entry_workspaces", fields=["-workspaces", "listing"]),
            models.Index(name="entry_usd", fields=["usd", "listing"]),
            models.Index(name="entry_title", fields=["title", "listing"]),
        ]

    def __str__(self) -> str:
        return self.title

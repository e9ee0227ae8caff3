"""The words that listings are called and described by, to forgive typing errors."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Word(models.Model):
    """A word of the market. `near` holds it with letters left out (`spelling.variants`), so that a misspelt one meets it."""

    word = models.CharField(max_length=40, primary_key=True)
    near = ArrayField(models.CharField(max_length=40))

    class Meta:
        indexes = [GinIndex(name="word_near", fields=["near"])]

    def __str__(self) -> str:
        return self.word

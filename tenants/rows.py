"""The base of every table that has a name of its own outside."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class Row(models.Model):
    """A row with a time-ordered UUID and the moments when it was made and last changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

"""What a person saved for later."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from marketplace.models import Listing
from tenants.rows import Row


class Favourite(Row):
    """A listing that somebody keeps. Nobody else sees it, and it counts for nothing in the order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="favourites")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_favourite_once_per_person", fields=["user", "listing"])]

    def __str__(self) -> str:
        return f"{self.listing_id} kept by {self.user_id}"

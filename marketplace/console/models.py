"""What only the console keeps: notes, saved filters, and which decisions were taken together."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.rows import Row


class Access(models.Model):
    """No table: it carries the permissions of the console's roles."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = (
            ("moderate", "Use the moderation console"),
            ("confirm", "Be the second person, ban, suspend"),
        )

    def __str__(self) -> str:
        return "the console"


class Note(Row):
    """A line on the whiteboard of a listing or a publisher, for moderators only. Never changed."""

    listing = models.ForeignKey(
        "marketplace.Listing", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    publisher = models.ForeignKey(
        "marketplace.Publisher", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    author_id = models.UUIDField()
    author = models.CharField(max_length=150)
    text = models.CharField(max_length=2000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="note_is_about_one_thing",
                condition=Q(listing__isnull=True, publisher__isnull=False)
                | Q(listing__isnull=False, publisher__isnull=True),
            )
        ]
        indexes = [
            models.Index(name="note_of_listing", fields=["listing", "-id"], condition=Q(listing__isnull=False)),
            models.Index(name="note_of_publisher", fields=["publisher", "-id"], condition=Q(publisher__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text


class SavedFilter(Row):
    """A way of looking at the queue, kept by one moderator under a name."""

    user = models.ForeignKey("tenants.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_filter_per_name", fields=["user", "name"])]

    def __str__(self) -> str:
        return self.name


class Batch(Row):
    """Decisions that one moderator took in one go, so that they can be undone in one go."""

    by_id = models.UUIDField()
    action = models.CharField(max_length=20)
    decisions = ArrayField(models.UUIDField())

    def __str__(self) -> str:
        return f"{self.action}, {len(self.decisions)} decisions"

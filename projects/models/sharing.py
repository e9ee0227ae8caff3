"""Links that let somebody without an account look at one thing."""

from __future__ import annotations

from django.db import models

from projects.models.runs import Run
from tenants.rows import Row


class Link(Row):
    """Lets anybody look at one thing until it ends or is taken back. Of its token only the digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=254, blank=True)
    made_by_id = models.UUIDField()
    made_by = models.CharField(max_length=254)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ("-created_at",)


class ShareLink(Link):
    """A link to read one run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="share_links")
    shows_inputs = models.BooleanField(default=False)

    class Meta(Link.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"link to {self.run_id}"

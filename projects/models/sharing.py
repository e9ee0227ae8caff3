"""Links that let somebody without an account read one run."""

from __future__ import annotations

from django.db import models

from projects.models.runs import Run
from tenants.rows import Row


class ShareLink(Row):
    """A link to read one run. Of its token only the digest is kept."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="share_links")
    digest = models.CharField(max_length=64, unique=True)
    shows_inputs = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=254, blank=True)
    made_by_id = models.UUIDField()
    made_by = models.CharField(max_length=254)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"link to {self.run_id}"

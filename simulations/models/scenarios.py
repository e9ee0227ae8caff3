"""A workspace's scenarios."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.rows import Row


class Scenario(Row):
    """A workspace's own copy of a scenario, of the library or written here: its defaults, its presets, where it came from."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True, max_length=10_000)
    definition = models.JSONField(
        default=dict, blank=True, help_text="The manifest it is played by; empty: the library's of that key."
    )
    version = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(default=dict, help_text="Defaults that differ from the definition's.")
    presets = models.JSONField(default=list, help_text="[{name, title, description, parameters}]")
    policy = models.CharField(max_length=60, default="rule")
    steps = models.PositiveIntegerField(default=300)
    seed = models.BigIntegerField(null=True, help_text="Empty: another one for each play.")
    source = models.CharField(
        max_length=180, blank=True, help_text="publisher/listing@version, or empty for the library."
    )

    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for a scenario that was made here.",
    )
    manifest_digest = models.CharField(
        max_length=71, blank=True, help_text="The manifest of the market that it was copied from."
    )

    class Meta:
        indexes = [models.Index(name="scenarios_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.name

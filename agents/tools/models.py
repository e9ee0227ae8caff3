"""What a workspace allows its tools to reach: hosts, and MCP servers; and tools that it has settled in advance."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.rows import Row


class AllowedHost(Row):
    """A host that `http_request` may ask. The secret, if there is one, goes into the header of this name and nowhere else."""

    host = models.CharField(max_length=253, unique=True, help_text="As in api.example.org, or *.example.org.")
    methods = ArrayField(models.CharField(max_length=8), default=list)
    header = models.CharField(max_length=100, blank=True)
    sealed_secret = models.TextField(blank=True)

    class Meta:
        ordering = ("host",)
        constraints = [
            models.CheckConstraint(name="a_secret_has_its_header", condition=Q(sealed_secret="") | ~Q(header=""))
        ]

    def __str__(self) -> str:
        return self.host


class McpServer(Row):
    """A server whose tools agents may be given. `tools` is what it offered when somebody last looked; nothing changes by itself."""

    name = models.CharField(max_length=30, unique=True)
    url = models.CharField(max_length=500, blank=True)
    command = models.CharField(max_length=60, blank=True, help_text="A name from the operator's setting MCP_STDIO.")
    header = models.CharField(max_length=100, blank=True)
    sealed_secret = models.TextField(blank=True)
    is_on = models.BooleanField(default=True)
    tools: models.JSONField[Any, Any] = models.JSONField(default=list)
    notes: models.JSONField[Any, Any] = models.JSONField(default=list)
    problem = models.TextField(blank=True, help_text="Why the last look failed.")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                name="a_server_has_one_place", condition=Q(url="", command__gt="") | Q(command="", url__gt="")
            ),
            models.CheckConstraint(
                name="a_servers_secret_has_its_header", condition=Q(sealed_secret="") | ~Q(header="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConfiguredTool(Row):
    """A tool of the house or of a server under a name of its own, with some of its arguments settled in advance."""

    name = models.CharField(max_length=50, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400, blank=True)
    tool = models.CharField(max_length=100, help_text="The tool that does the work.")
    settings: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="Arguments that are settled, by name; `base_url` is where every path begins."
    )
    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for a tool that was configured here.",
    )
    bounds: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="How far the grants go: methods, operations, approvals, usd."
    )
    source = models.CharField(max_length=200, blank=True)
    manifest_digest = models.CharField(
        max_length=71, blank=True, help_text="The manifest of the market that it was copied from."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.title

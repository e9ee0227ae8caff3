"""What may be sent (`In`) and what is shown (`Out`). Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.tools.models import AllowedHost, McpServer
from agents.tools.permissions import meaning_of
from agents.tools.registry import Tool
from agents.tools.services import LONGEST_SECRET
from agents.tools.web import METHODS


class ToolLimitsOut(serializers.Serializer[Any]):
    calls = serializers.IntegerField(help_text="In one run.")
    seconds = serializers.FloatField(help_text="Of one call.")
    characters = serializers.IntegerField(help_text="Of one answer; more is cut, and said to be.")


class ToolOut(serializers.Serializer[Any]):
    """A tool and what it may touch. `given` is a pair of its name and itself."""

    name = serializers.CharField()
    title = serializers.CharField(source="tool.title")
    summary = serializers.CharField(source="tool.summary")
    parameters = serializers.DictField(source="tool.spec.parameters", help_text="A JSON Schema.")
    permissions = serializers.ListField(source="tool.permissions", child=serializers.CharField())
    touches = serializers.SerializerMethodField(help_text="The permissions in words.")
    effect = serializers.ChoiceField(source="tool.effect", choices=["none", "read", "write"])
    brings_in = serializers.BooleanField(
        source="tool.spec.brings_in", help_text="What it returns was written by others."
    )
    sends_out = serializers.BooleanField(
        source="tool.spec.sends_out",
        help_text="What it is given leaves this installation, and may change something there.",
    )
    limits = ToolLimitsOut(source="tool.limits")

    def get_touches(self, listed: dict[str, Any]) -> list[str]:
        tool: Tool = listed["tool"]
        return [meaning_of(word) for word in tool.permissions]


class ToolsOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ToolOut(many=True)


class HostIn(serializers.Serializer[Any]):
    host = serializers.CharField(max_length=253, help_text="As in api.example.org, or *.example.org.")
    methods = serializers.ListField(
        child=serializers.ChoiceField(METHODS), default=["GET", "HEAD"], max_length=len(METHODS)
    )
    header = serializers.CharField(
        max_length=100, required=False, help_text="Where the secret goes, as in Authorization."
    )
    secret = serializers.CharField(max_length=LONGEST_SECRET, required=False, write_only=True)


class HostOut(serializers.ModelSerializer[AllowedHost]):
    methods = serializers.ListField(child=serializers.CharField())
    has_secret = serializers.SerializerMethodField()

    class Meta:
        model = AllowedHost
        fields = ("id", "host", "methods", "header", "has_secret", "created_at")

    def get_has_secret(self, host: AllowedHost) -> bool:
        return bool(host.sealed_secret)


class ServerIn(serializers.Serializer[Any]):
    """Give `url`, or the name of one of the operator's commands."""

    name = serializers.CharField(max_length=30)
    url = serializers.CharField(max_length=500, required=False)
    command = serializers.CharField(max_length=60, required=False)
    header = serializers.CharField(
        max_length=100, required=False, help_text="Where the secret goes, as in Authorization."
    )
    secret = serializers.CharField(max_length=LONGEST_SECRET, required=False, write_only=True)


class ServerChange(serializers.Serializer[Any]):
    is_on = serializers.BooleanField()


class OfferedOut(serializers.Serializer[Any]):
    """A tool as the server describes it."""

    name = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField()
    reads_only = serializers.BooleanField()


class ServerOut(serializers.ModelSerializer[McpServer]):
    tools = OfferedOut(many=True)
    notes = serializers.ListField(child=serializers.CharField(), help_text="What of the offer cannot be used, and why.")
    has_secret = serializers.SerializerMethodField()

    class Meta:
        model = McpServer
        fields = (
            "id",
            "name",
            "url",
            "command",
            "header",
            "has_secret",
            "is_on",
            "tools",
            "notes",
            "problem",
            "looked_at",
            "created_at",
        )

    def get_has_secret(self, server: McpServer) -> bool:
        return bool(server.sealed_secret)


class RunFileOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    changed_at = serializers.DateTimeField()


class RunFilesOut(serializers.Serializer[Any]):
    results = RunFileOut(many=True)

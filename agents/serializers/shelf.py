"""The library's agents, as the catalogue shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.library.frame.loading import Listed
from agents.serializers.fields import NAME, Strict


class LibraryInputOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()


class LibraryAgentOut(serializers.Serializer[Listed]):
    """`output` is the JSON Schema of what it makes beside its text; `offline` says what it does without a language model."""

    name = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    description = serializers.CharField()
    role = serializers.CharField()
    goal = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.CharField())
    inputs = LibraryInputOut(many=True)
    output = serializers.DictField(allow_null=True)
    tools = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(child=serializers.CharField())
    offline = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the argument of Field


class LibraryProblemOut(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the argument of Field
    detail = serializers.CharField()


class LibraryOut(serializers.Serializer[Any]):
    """All of them at once: the library is as long as its folder. `problems` are classes that were found and cannot be used, and why."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = LibraryAgentOut(many=True)
    problems = LibraryProblemOut(many=True)


class LibraryAgentIn(Strict):
    """What the new agent of this workspace is called; without it the title."""

    name = serializers.CharField(max_length=NAME, required=False)

"""Starting a run."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.runtimes.checks import INPUT_LIMIT
from projects.budgets.serializers import RunBudgetIn


class RunIn(serializers.Serializer[Any]):
    """Start a crew, or an agent whose one task is the input `task`."""

    crew = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    project = serializers.UUIDField(required=False, allow_null=True)
    inputs = serializers.DictField(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )
    seconds_allowed = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    budget = RunBudgetIn(required=False, allow_null=True)
    priority = serializers.IntegerField(
        min_value=1,
        max_value=9,
        required=False,
        allow_null=True,
        help_text="9 goes first among this workspace's runs; 5 unless said.",
    )

"""What a run would take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.runtimes.checks import INPUT_LIMIT


class EstimateIn(serializers.Serializer[Any]):
    crew = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    inputs = serializers.DictField(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )


class RangeOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()


class EstimateOut(serializers.Serializer[Any]):
    """`usd` is null where nobody knows a price."""

    basis = serializers.ChoiceField(choices=["past_runs", "definition"])
    runs = serializers.IntegerField(help_text="How many past runs the figures are from.")
    calls = RangeOut()
    tokens = RangeOut()
    usd = RangeOut(allow_null=True)
    seconds = RangeOut()
    provider = serializers.CharField()
    model = serializers.CharField()

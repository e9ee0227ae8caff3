"""The fields that bodies about agents, tasks and crews have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from agents.runtimes.checks import INPUT_LIMIT, SCHEMA_DEPTH, SCHEMA_LIMIT, TASK_LIMIT, TEXT_LIMIT, is_storable

NAME, MODEL = 100, 200


def text(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TEXT_LIMIT, trim_whitespace=False, **more)


def names(**more: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=NAME), max_length=TASK_LIMIT, **more)


def storable(schema: dict[str, Any]) -> None:
    """Refuse what the database could not keep, before it is asked to; what it means is checked with the whole crew."""
    if not is_storable(schema) or b"\\u0000" in orjson.dumps(schema):
        detail = f"An output schema is at most {SCHEMA_LIMIT:,} bytes of JSON, nested at most {SCHEMA_DEPTH} deep, without NUL."
        raise serializers.ValidationError(detail, code="too_long")


class Strict(serializers.Serializer[Any]):
    """Inside a body too, a field that is not known is refused and not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(map(str, data)) - {name for name, field in self.fields.items() if not field.read_only})
            if unknown:
                refusal = ErrorDetail("This is not known here; remove it.", code="unknown")
                raise serializers.ValidationError({name: [refusal] for name in unknown})
        return super().to_internal_value(data)


class InputIn(Strict):
    """A value that whoever starts the crew gives; it fills `{name}` in the texts."""

    name = serializers.RegexField(r"^[A-Za-z_][A-Za-z0-9_\-]*$", max_length=NAME)
    description = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")
    default = serializers.CharField(
        max_length=INPUT_LIMIT, required=False, allow_null=True, allow_blank=True, default=None, trim_whitespace=False
    )


class LimitsIn(Strict):
    """Bounds of a run or of a task; zero, or nothing, means none of its own."""

    seconds = serializers.IntegerField(min_value=0, max_value=86_400, required=False)
    model_calls = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    tokens = serializers.IntegerField(min_value=0, max_value=100_000_000, required=False)
    usd = serializers.FloatField(min_value=0, max_value=1_000, required=False)


class LimitsOut(serializers.Serializer[Any]):
    """Bounds of a run or of a task; zero means that only those above it hold."""

    seconds = serializers.IntegerField()
    model_calls = serializers.IntegerField()
    tokens = serializers.IntegerField()
    usd = serializers.FloatField()

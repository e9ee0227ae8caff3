"""Starting a run."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from agents.runtimes.checks import INPUT_LIMIT
from projects.budgets.serializers import RunBudgetIn
from tenants.wire.parsing import read_json


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


class _InputsText(serializers.DictField):
    """A form has texts only: this one is a JSON object."""

    def get_value(self, dictionary: Any) -> Any:
        return _value_in(dictionary, self.field_name)


class _BudgetText(RunBudgetIn):
    def get_value(self, dictionary: Any) -> Any:
        return _value_in(dictionary, self.field_name)


class RunFormIn(RunIn):
    """The same as a form, with `pictures`: PNG, JPEG, WebP or GIF, at most four of 5 MB. `inputs` and `budget` are JSON."""

    inputs = _InputsText(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )
    budget = _BudgetText(required=False, allow_null=True)
    pictures = serializers.ListField(child=serializers.FileField(allow_empty_file=True), required=False)


def _value_in(form: Any, name: Any) -> Any:
    """What the JSON text in a form says. Raises ParseError."""
    text = form.get(name, empty)
    return read_json(text) if isinstance(text, str) else text

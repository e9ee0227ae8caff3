"""What a body may hold: known fields, of the described types. Nothing is converted in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers

from tenants.errors import FieldError

TEXT = (
    serializers.CharField,
    serializers.UUIDField,
    serializers.DateTimeField,
    serializers.DateField,
)
NUMBER = (serializers.FloatField, serializers.DecimalField)
Fields = Mapping[str, serializers.Field[Any, Any, Any, Any]]


def unknown_fields(fields: Fields, data: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in sorted(set(data) - {name for name, field in fields.items() if not field.read_only}):
        yield FieldError(name, "unknown", "This is not known here; remove it.")


def wrong_types(fields: Fields, data: Mapping[str, Any]) -> Iterator[FieldError]:
    """Values that the serializer would turn into another type: 5 into "5", "yes" into true."""
    for name, field in fields.items():
        if name in data and not field.read_only:
            yield from _wrong(field, data[name], name)


def _wrong(field: serializers.Field[Any, Any, Any, Any], value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(field, serializers.ListField) and field.child is not None and isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _wrong(field.child, inner, f"{path}[{position}]")
    elif isinstance(field, serializers.Serializer) and isinstance(value, Mapping):
        for error in wrong_types(field.fields, value):
            yield FieldError(f"{path}.{error.field}", error.code, error.detail)
    elif value is not None:
        wanted = _wanted(field, value)
        if wanted:
            yield FieldError(path, "type", f"Send {wanted}.")


def _wanted(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """What should have been sent, or nothing when `value` is of the right type."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(field, TEXT):
        return "" if isinstance(value, str) else "a text"
    if isinstance(field, serializers.BooleanField):
        return "" if isinstance(value, bool) else "true or false"
    if isinstance(field, serializers.IntegerField):
        return "" if is_number and value == int(value) else "a whole number"
    if isinstance(field, NUMBER):
        return "" if is_number else "a number"
    return ""

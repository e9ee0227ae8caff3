"""What the values of filters must be."""

from __future__ import annotations

from uuid import UUID

from tenants.errors import FieldError, Invalid


def check_uuid(name: str, value: str | None) -> None:
    """Refuse a filter that is given and is no UUID; an empty one is given."""
    if value is None:
        return
    try:
        UUID(value)
    except ValueError:
        detail = "An id is a UUID."
        raise Invalid(detail, errors=[FieldError(name, "uuid", detail)]) from None

"""Filters as they stand in an address, read or refused."""

from __future__ import annotations

from uuid import UUID

from tenants.errors import FieldError, Invalid

MOST_DIGITS = 9


def choice_of(name: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise refused(name, "choice", f"One of {', '.join(known)}.")
    return value


def uuid_of(name: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise refused(name, "uuid", "An id is a UUID.") from None


def number_of(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > MOST_DIGITS:
        raise refused(name, "number", "A whole number from 0.")
    return int(value)


def refused(name: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(name, code, detail)])

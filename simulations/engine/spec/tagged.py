"""Parts that are told apart by the one name that each of them has: `{move_to: …}`, `{count: …}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, Discriminator


def by_name(names: Sequence[str], what: str) -> Discriminator:
    """A discriminator for a union whose members are tagged with their own name; the first of `names` that is there decides.

    The refusal lists what is allowed.
    """
    return Discriminator(
        _finder(names),
        custom_error_type="closed_set",
        custom_error_message=f"This is not {what}. One of these must be there: {', '.join(names)}.",
    )


def _finder(names: Sequence[str]) -> Callable[[Any], str | None]:
    def find(value: Any) -> str | None:
        if isinstance(value, BaseModel):
            given = set(type(value).model_fields)
        elif isinstance(value, dict):
            given = set(value)
        else:
            return None
        return next((name for name in names if name in given), None)

    return find


def by_kind(kinds: Sequence[str], what: str) -> Discriminator:
    """A discriminator for a union whose members are tagged with the value of their `kind`."""
    return Discriminator(
        _kind_of,
        custom_error_type="closed_set",
        custom_error_message=f"The kind of a {what} is one of: {', '.join(kinds)}.",
    )


def _kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) else None

"""What somebody sent, read by a serializer: it puts its fields together anew each time it is made, so each thread keeps one of a class."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.serializers import Serializer

Kept = tuple[Serializer[Any], dict[str, Any]]


class _Kept(threading.local):
    def __init__(self) -> None:
        self.by_class: dict[tuple[type[Serializer[Any]], bool], Kept] = {}


_kept = _Kept()


@contextmanager
def reader(serializer: type[Serializer[Any]], *, partial: bool = False, **context: Any) -> Iterator[Serializer[Any]]:
    """As `serializer(partial=partial, context=context)`, for its fields and `run_validation`: it holds no data of its own."""
    found, seen = _serializer(serializer, partial=partial)
    seen.update(context)
    try:
        yield found
    finally:
        seen.clear()


def _serializer(serializer: type[Serializer[Any]], *, partial: bool) -> Kept:
    """This thread's serializer of the class, and the context that it sees."""
    key = serializer, partial
    if key not in _kept.by_class:
        context: dict[str, Any] = {}
        _kept.by_class[key] = serializer(partial=partial, context=context), context
    return _kept.by_class[key]

"""What is shown of a thing: a serializer puts its fields together anew each time it is made, so each thread keeps one of a class."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from rest_framework.serializers import BaseSerializer


class _Kept(threading.local):
    def __init__(self) -> None:
        self.by_class: dict[type[BaseSerializer[Any]], tuple[BaseSerializer[Any], dict[str, Any]]] = {}


_kept = _Kept()


def show(out: type[BaseSerializer[Any]], thing: Any, **context: Any) -> Any:
    """What `out(thing, context=context).data` would be."""
    serializer, seen = _serializer(out)
    if seen:  # it is at work on another thing, inside of which this one is shown
        return out(thing, context=context).data
    seen.update(context)
    try:
        return serializer.to_representation(thing)
    finally:
        seen.clear()


def show_all(out: type[BaseSerializer[Any]], things: Iterable[Any], **context: Any) -> list[Any]:
    return [show(out, thing, **context) for thing in things]


def _serializer(out: type[BaseSerializer[Any]]) -> tuple[BaseSerializer[Any], dict[str, Any]]:
    """This thread's serializer of the class, and the context that it sees."""
    if out not in _kept.by_class:
        context: dict[str, Any] = {}
        _kept.by_class[out] = out(context=context), context
    return _kept.by_class[out]

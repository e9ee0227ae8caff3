"""The number of the request that is being answered, for whoever notes something about it."""

from __future__ import annotations

from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str] = ContextVar("request_id", default="")


def begin_request() -> str:
    """Give this request a number. It is ours alone: what a client claims is not taken over."""
    number = uuid4().hex
    _current.set(number)
    return number


def request_id() -> str:
    """Empty outside of requests."""
    return _current.get()

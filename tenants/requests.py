"""What is known of the request that is being answered, for whoever notes something about it or acts because of it."""

from __future__ import annotations

from contextvars import ContextVar
from uuid import uuid4

HOPS_HEADER = "Guildhall-Hops"
MOST_HOPS = 5
"""So many runs may each have led to the next one, by a webhook or a request of a tool; more of them would go round in a circle."""

_current: ContextVar[str] = ContextVar("request_id", default="")
_hops: ContextVar[int] = ContextVar("request_hops", default=0)


def begin_request(hops: str = "") -> str:
    """Give this request a number. It is ours alone: what a client claims is not taken over.

    `hops` is what it says under HOPS_HEADER; whoever claims too many only keeps runs of its own from starting.
    """
    number = uuid4().hex
    _current.set(number)
    _hops.set(int(hops) if hops.isascii() and hops.isdecimal() and len(hops) < 5 else 0)
    return number


def request_id() -> str:
    """Empty outside of requests."""
    return _current.get()


def request_hops() -> int:
    """How many runs, one leading to the next, led to this request; 0 for a person's."""
    return _hops.get()

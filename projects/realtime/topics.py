"""What can be watched, who may watch it, and where its past is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tenants.access import Member
from tenants.errors import Invalid, NotFound

NAME = re.compile(r"^(?P<kind>[a-z]{2,16})(?::(?P<id>[0-9a-z-]{1,40}))?$")
Gate = Callable[[Member, str], None]
Past = Callable[[str, int, int], list[dict[str, Any]]]


class Topic(NamedTuple):
    """`gate(member, id)` raises NotFound for what is not theirs; `past(id, after, limit)` gives messages with a seq, in order."""

    gate: Gate
    past: Past | None


_topics: dict[str, Topic] = {}


def register(kind: str, gate: Gate, *, past: Past | None = None) -> None:
    """Let topics `<kind>:<id>` be watched. Called once, from an app's ready()."""
    _topics[kind] = Topic(gate, past)


def find(name: object) -> tuple[Topic, str]:
    match = NAME.match(name) if isinstance(name, str) else None
    if match is None:
        raise Invalid("Name a topic, as in run:<id> or system:health.", code="bad_topic")
    topic = _topics.get(match["kind"])
    if topic is None:
        raise NotFound(f"There is no topic of the kind {match['kind']}.", code="unknown_topic")
    return topic, match["id"] or ""


def catch_up(name: str, member: Member, after: int, limit: int) -> list[dict[str, Any]]:
    """Check that `member` may watch, then read what was missed. One database call of a socket."""
    topic, identifier = find(name)
    topic.gate(member, identifier)
    return topic.past(identifier, after, limit) if topic.past else []

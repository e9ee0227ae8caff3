"""The topics of this app: runs, what hangs below them, and the platform's health."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from projects import access, events, queries
from projects.models import Run
from projects.realtime import topics
from tenants.access import Member
from tenants.errors import NotFound


def register_topics() -> None:
    topics.register("run", _gate, past=_past)
    topics.register("plan", _gate)
    topics.register("agent", _gate_by_form)
    topics.register("task", _gate_by_form)
    topics.register("rag", _gate_named("operations"))
    topics.register("system", _gate_named("health"))
    topics.register("notifications", _gate_named(""))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is nothing with this id in this workspace.") from None


def _gate(member: Member, identifier: str) -> None:
    access.get_run(member, _uuid(identifier))


def _gate_by_form(_: Member, identifier: str) -> None:
    """Agents and tasks are named by snapshots of runs of this very workspace; the group carries its schema."""
    _uuid(identifier)


def _gate_named(expected: str) -> topics.Gate:
    def gate(_: Member, identifier: str) -> None:
        if identifier != expected:
            raise NotFound("There is no such topic.", code="unknown_topic")

    return gate


def _past(identifier: str, after: int, limit: int) -> list[dict[str, Any]]:
    run = Run(pk=_uuid(identifier))
    return [events.message_of(event) for event in queries.events_after(run, after, limit)]

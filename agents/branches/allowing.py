"""What the agents of a run may do when another one goes off from it: what was granted to them is looked up anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from agents.models import Agent, Crew


def as_allowed_now(snapshot: Mapping[str, Any], subject: UUID | None) -> dict[str, Any]:
    """The snapshot with the grants of today, for `subject` and its agents. What has been deleted since is bound as it was."""
    ids: Mapping[str, str] = snapshot.get("ids", {}).get("agents", {})
    agents = {str(agent.pk): agent for agent in Agent.objects.filter(pk__in=ids.values())}
    leaves = {
        name: _today(leave, agents.get(ids.get(name, ""))) for name, leave in (snapshot.get("leaves") or {}).items()
    }
    crew = Crew.objects.filter(pk=subject).first() if subject is not None else None
    today = {"leave": _today(snapshot.get("leave"), crew), "leaves": leaves}
    return {**snapshot, **{key: value for key, value in today.items() if key in snapshot}}


def _today(leave: Mapping[str, Any] | None, row: Agent | Crew | None) -> Mapping[str, Any] | None:
    if leave is None or row is None or row.grants is None:
        return leave
    return {**leave, "grants": list(row.grants), "bounds": dict(row.bounds)}

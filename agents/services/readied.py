"""Crews that are ready to run, remembered by process: reading and checking one takes longer than queueing its run.

What is remembered is found by the very versions of the rows that it was made from (`access.versions_of`), so that no change of a
crew, an agent, a task or a collection can be missed, whoever made it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, NamedTuple
from uuid import UUID

from agents import access, queries
from agents.definitions import snapshot_of, spec_of
from agents.models import Crew
from agents.runtimes.checks import check
from agents.runtimes.spec import CrewSpec
from agents.services.settling import refuse
from agents.services.versions import number_of
from agents.tools.house import TOOLS
from agents.tools.reading import ToolNames
from tenants.context import current_schema
from tenants.errors import NotFound

MOST = 256  # crews of all workspaces
READINGS = 5


class Ready(NamedTuple):
    """A crew that may run, as it stood at one moment. Not to be changed: others get the same."""

    spec: CrewSpec
    snapshot: dict[str, Any]


_known: OrderedDict[tuple[str, UUID], tuple[str, Ready]] = OrderedDict()
_guard = threading.Lock()


def readied(crew: Crew) -> Ready:
    """The crew as it is now, or was when it was found to be started. Raises Invalid with everything that keeps it from running."""
    key, rows = (current_schema(), crew.pk), getattr(crew, "versions", "") or access.versions_of(crew)
    if not rows:
        raise NotFound("This crew was deleted a moment ago.")
    with _guard:
        seen, ready = _known.get(key, ("", None))
    if ready is None or seen != rows:
        rows, ready = _read(crew, rows)
        if _stands_alone(ready.spec):
            _remember(key, rows, ready)
    return ready


def _read(crew: Crew, rows: str) -> tuple[str, Ready]:
    """All its parts take several queries: where one was replaced meanwhile they are read again."""
    for _ in range(READINGS):
        ready = _readied(queries.whole_crew(crew))
        before, rows = rows, access.versions_of(crew)
        if before == rows:
            break
    return rows, ready


def _readied(crew: Crew) -> Ready:
    spec = spec_of(crew)
    refuse(check(spec, tools=ToolNames()))
    agents = [place.agent for place in crew.places.all()]
    snapshot = snapshot_of(spec, agents=agents, tasks=crew.tasks.all(), crew=crew)
    return Ready(spec, {**snapshot, "version": number_of("crew", crew.pk)})


def _stands_alone(spec: CrewSpec) -> bool:
    """Whether nothing but its rows decides what it is: tools of the workspace and agents as classes may change beside it."""
    named = {name for agent in spec.agents for name in agent.tools} | {
        name for task in spec.tasks for name in task.tools
    }
    return named <= TOOLS.keys() and not any(agent.library for agent in spec.agents)


def _remember(key: tuple[str, UUID], rows: str, ready: Ready) -> None:
    with _guard:
        _known[key] = rows, ready
        _known.move_to_end(key)
        while len(_known) > MOST:
            _known.popitem(last=False)

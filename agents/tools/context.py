"""What a run lends to its tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from uuid import UUID

from agents.runtimes.outcome import Complete, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from agents.tools.files import RunFiles
from agents.tools.leave import FREE, Leave
from agents.tools.permissions import Trespass
from agents.tools.workplace import Workplace
from projects.work.threads import in_workspace
from tenants.egress import Policy

if TYPE_CHECKING:
    from agents.tools.talk import Talk

P = ParamSpec("P")
T = TypeVar("T")
Emit = Callable[..., None]
Refused = Callable[[str, Mapping[str, Any], User, str], Awaitable[None]]
Watch = Callable[[Trespass, User, tuple[str, ...]], None]


async def _unnoted(tool: str, arguments: Mapping[str, Any], user: User, reason: str) -> None:
    """For runs that keep no record, as in a test of one tool."""


def _unwatched(trespass: Trespass, user: User, made_from: tuple[str, ...]) -> None:
    """The same."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """One run, as its tools see it.

    `emit(type, task=…, agent=…, **data)` adds a line to the story. `collections` maps an agent to the collections it may search (None: all).
    `leave` is what whoever installed the crew allowed, `leaves` the same for each of its agents; `trespassed` is told of what was tried
    without it, and `refused` keeps the record of a use that was not allowed. `crew`, `complete` and `tools` (the run's own, filled in after they are made) let another agent answer; `talk` is
    how agents of the run write to each other. `hops` is how many runs led to this one.
    """

    run_id: UUID
    schema: str
    emit: Emit
    files: RunFiles
    egress: Policy
    collections: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    workplace: Workplace = field(default_factory=Workplace)
    leave: Leave = FREE
    leaves: Mapping[str, Leave] = field(default_factory=dict)
    refused: Refused = _unnoted
    trespassed: Watch = _unwatched
    crew: CrewSpec | None = None
    complete: Complete | None = None
    tools: Mapping[str, ToolImpl] = field(default_factory=dict)
    talk: Talk | None = None
    hops: int = 0

    def leave_of(self, agent: str) -> Leave:
        """What an agent may; one that answers another is called by its name and a mark behind it."""
        return self.leaves.get(agent.partition(" ~")[0], self.leave)

    async def in_thread(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a blocking call (the database, files) in this run's workspace."""
        return await in_workspace(self.schema, call, *args, **kwargs)

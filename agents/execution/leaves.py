"""What the agents of a run may do, read from its snapshot; and the crew as that binds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.runtimes.spec import CrewSpec, TaskSpec
from agents.tools.leave import FREE, Granted, Leave


@dataclass(frozen=True, slots=True)
class Leaves:
    """`crew` is for whoever is no agent of the crew, such as the manager that the runtime brings."""

    crew: Leave = FREE
    agents: Mapping[str, Leave] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> Leaves:
        """An agent may do what both its own installation and that of the crew allow."""
        of_crew = _granted(snapshot.get("leave") or _before(snapshot))
        crew = Leave(of_crew)
        agents = snapshot.get("leaves") or {}
        return cls(crew, {name: crew.narrowed(*_new(_granted(part), of_crew)) for name, part in agents.items()})

    def of_agent(self, name: str) -> Leave:
        """One that answers another is called by its name and a mark behind it."""
        return self.agents.get(name.partition(" ~")[0], self.crew)

    @property
    def usd(self) -> float | None:
        """The most that one run may spend: the least of what the parts of its crew may, or of all its agents where all are bound."""
        amounts = [part.usd for part in self.crew.parts if part.usd is not None]
        if not amounts and self.agents and all(leave.parts for leave in self.agents.values()):
            amounts = [part.usd for leave in self.agents.values() for part in leave.parts if part.usd is not None]
        return min(amounts, default=None)


def bound(spec: CrewSpec, leaves: Leaves) -> CrewSpec:
    """The crew as it runs: before a tool that needs a person's leave each time, that person is asked, whatever the task says."""
    usable = {name for tools in (*(a.tools for a in spec.agents), *(t.tools for t in spec.tasks)) for name in tools}
    asked = sorted(name for name in usable if any(leave.needs_approval(name) for leave in _all(leaves)))
    return spec.model_copy(update={"tasks": tuple(_asking(task, asked) for task in spec.tasks)}) if asked else spec


def _asking(task: TaskSpec, asked: Iterable[str]) -> TaskSpec:
    return task.model_copy(update={"ask_before_tools": tuple(dict.fromkeys([*task.ask_before_tools, *asked]))})


def _all(leaves: Leaves) -> Iterable[Leave]:
    return (leaves.crew, *leaves.agents.values())


def _granted(part: Mapping[str, Any] | None) -> tuple[Granted, ...]:
    if part is None:
        return ()
    return (Granted.of(part["grants"], part.get("bounds") or {}, part.get("made_from") or ""),)


def _new(own: tuple[Granted, ...], of_crew: tuple[Granted, ...]) -> tuple[Granted, ...]:
    """What binds an agent beside its crew; one that came with the crew is bound by the same."""
    return tuple(part for part in own if part not in of_crew)


def _before(snapshot: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Runs from before agents were bound one by one hold the crew's codes alone."""
    grants = snapshot.get("grants")
    return None if grants is None else {"grants": grants}

"""Agents as they were at a step, from the stored pictures: as much of them as viewers see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from simulations.engine.frames.screen import Screen
from simulations.engine.frames.wire import Values
from simulations.models import Decision, Frame, Simulation
from simulations.queries import hello_of
from tenants.errors import NotFound

MOST_AGENTS = 500
MOST_HISTORY = 50
MOST_NUMBER = 1_000_000_000
FINEST = 65_535
ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Column:
    """How the numbers of one column are read: scaled where `high > low`, or as one of `words`."""

    name: str
    low: float
    high: float
    words: Sequence[str]

    def read(self, value: Any) -> Any:
        if self.high > self.low:
            return round(self.low + float(value) / FINEST * (self.high - self.low), 6)
        number = value.item()
        if self.words and 0 <= number < len(self.words):
            return self.words[int(number)]
        return number


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody at one step; a crowd that is too large for a picture is shown by every `stride`-th agent."""

    step: int
    columns: tuple[Column, ...]
    values: Mapping[int, Values]
    stride: int
    groups: Sequence[Mapping[str, Any]]

    def rows(self) -> int:
        return max((column.size for column in self.values.values()), default=0)

    def line(self, row: int) -> dict[str, Any]:
        """One agent; `row` counts those that are shown."""
        return {
            column.name: column.read(self.values[number][row])
            for number, column in enumerate(self.columns)
            if number in self.values and row < self.values[number].size
        }

    def archetype(self, agent: int) -> str:
        """Of those that came later nothing is known but that they came."""
        found = (each["name"] for each in self.groups if each["first"] <= agent < each["first"] + each["count"])
        return str(next(found, ""))


@dataclass(frozen=True, slots=True)
class AgentPage:
    """Some agents in order of their numbers, and the one to ask for next (None: there are no more)."""

    step: int
    stride: int
    agents: list[dict[str, Any]]
    next: int | None


@dataclass(frozen=True, slots=True)
class AgentCard:
    """One agent: its state at a step, how that changed before, its last decision so far."""

    agent: int
    archetype: str
    step: int
    state: dict[str, Any]
    history: list[dict[str, Any]]
    decision: Decision | None


def agents_at(simulation: Simulation, *, step: int | None, first: int, most: int = MOST_AGENTS) -> AgentPage:
    """Those from number `first` on that are alive; at most 500."""
    scene = scene_at(simulation, step)
    start, end = -(-first // scene.stride), scene.rows()
    lines: list[dict[str, Any]] = []
    for row in range(start, end):
        if len(lines) == most:
            return AgentPage(scene.step, scene.stride, lines, row * scene.stride)
        state = scene.line(row)
        if state.pop(ALIVE, "yes") != "no":
            agent = row * scene.stride
            lines.append({"agent": agent, "archetype": scene.archetype(agent), "state": state})
    return AgentPage(scene.step, scene.stride, lines, None)


def agent_at(simulation: Simulation, agent: int, *, step: int | None) -> AgentCard:
    """Raises NotFound where no picture shows this agent."""
    states = list(_states(simulation, agent, _step(simulation, step))) if agent < MOST_NUMBER else []
    if not states:
        raise NotFound(f"No picture of this simulation shows agent {agent}.")
    last, archetype, state = states[-1]
    return AgentCard(
        agent=agent,
        archetype=archetype,
        step=last,
        state=state,
        history=_changes([(each, seen) for each, _, seen in states]),
        decision=decision_for(simulation, agent, archetype, last),
    )


def scene_at(simulation: Simulation, step: int | None) -> Scene:
    """Raises NotFound before the first step is stored."""
    screen = Screen()
    for frame in _frames(simulation, _step(simulation, step), back=0):
        screen.show(bytes(frame.payload))
    return _scene(simulation, screen)


def decision_for(simulation: Simulation, agent: int, archetype: str, step: int) -> Decision | None:
    """The newest one on record that was for this agent itself, alone or as the first of many in its situation."""
    found = Decision.objects.filter(simulation=simulation, archetype=archetype, agent=agent, step__lte=step)
    return found.order_by("-step", "-id").first()


def _states(simulation: Simulation, agent: int, step: int) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(step, archetype, state) of one agent over the stored pictures before a step."""
    screen, scene = Screen(), None
    for frame in _frames(simulation, step, back=MOST_HISTORY):
        screen.show(bytes(frame.payload))
        if scene is None:
            scene = _scene(simulation, screen)
        seen = Scene(screen.step, scene.columns, screen.columns, scene.stride, scene.groups)
        row, between = divmod(agent, scene.stride)
        if not between and row < seen.rows() and screen.step >= step - MOST_HISTORY:
            yield screen.step, seen.archetype(agent), seen.line(row)


def _changes(states: Sequence[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Newest first: what was different from the step before."""
    changed = [
        {"step": step, "state": {name: value for name, value in now.items() if before.get(name) != value}}
        for (_, before), (step, now) in pairwise(states)
        if now != before
    ]
    return changed[::-1]


def _frames(simulation: Simulation, step: int, *, back: int) -> Iterator[Frame]:
    """From the keyframe at or before `step - back` to `step`."""
    pictured = Frame.objects.filter(simulation=simulation, step__lte=step).exclude(kind=Frame.Kind.STATUS)
    keyframes = pictured.filter(kind=Frame.Kind.KEYFRAME, step__lte=max(step - back, 0)).order_by("-step")
    first = keyframes.values_list("step", flat=True).first() or 0
    return pictured.filter(step__gte=first).order_by("step").iterator(chunk_size=20)


def _scene(simulation: Simulation, screen: Screen) -> Scene:
    hello = hello_of(simulation)
    columns = tuple(Column(each["name"], each["low"], each["high"], each["words"]) for each in hello["columns"])
    return Scene(screen.step, columns, screen.columns, hello["stride"], hello["archetypes"])


def _step(simulation: Simulation, step: int | None) -> int:
    return simulation.step if step is None else min(step, simulation.step)

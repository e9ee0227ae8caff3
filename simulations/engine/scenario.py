"""What a scenario declares about itself, and what its world must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from simulations.engine.agents import HybridAgent
from simulations.engine.coded_decisions import DecisionPolicy, Observation
from simulations.engine.parameters import Parameter, Parameters
from simulations.engine.randomness import Chance, Ints
from simulations.engine.state import UnifiedStateManager

Activation = Literal["random", "simultaneous"]
Metrics = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number taken after every step; `unit` is `share` (0 to 1) or `count`."""

    name: str
    label: str
    unit: Literal["share", "count"]
    help: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of parameters worth trying."""

    key: str
    label: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Legend:
    """One value of the coloured column, in words."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class GridView:
    """How a grid is drawn: cell = row * width + column; `mark` is a yes/no column that changes the shade."""

    width: str
    height: str
    place: str
    colour: str
    legend: tuple[Legend, ...]
    mark: str
    mark_label: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.place, self.colour, self.mark)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A published result: the mean of `metric` over `seeds` runs of `steps` lies between the two numbers."""

    when: Parameters
    metric: str
    low: float
    high: float
    source: str
    steps: int = 300
    seeds: int = 5


class World(Protocol):
    """One play of a scenario: where the agents are, what they see, and what their actions do."""

    state: UnifiedStateManager
    agents: Sequence[HybridAgent[Any]]
    actions: tuple[str, ...]
    """Names of the actions; the first does nothing and is what an illegal choice becomes."""
    activation: Activation
    touched: set[int]
    """Rows whose observation may have changed since the step began; `act` adds to it, the engine empties it."""

    def active(self) -> Ints:
        """Rows that take a turn in this step."""
        ...

    def observe(self, rows: Ints) -> Ints:
        """For each row a number that stands for all it sees, as the state is now."""
        ...

    def look_again(self, row: int) -> int:
        """The same for one row, while others are moving."""
        ...

    def describe(self, code: int) -> Observation:
        """The observation that `observe` packed."""
        ...

    def legal(self) -> frozenset[str]:
        """Actions that are possible at all, as the state is now."""
        ...

    def act(self, row: int, action: str, draw: float) -> None:
        """Do it; `draw` is the agent's own random number of this step."""
        ...

    def measure(self) -> Metrics:
        """Bring derived columns up to date and take the metrics."""
        ...

    def finished(self) -> bool:
        """Whether nothing will change any more."""
        ...

    def place(self) -> None:
        """Put the bodies where the state says (after a checkpoint was read)."""
        ...

    def close(self) -> None:
        """Let go of everything; the world is not used again."""
        ...


BuildWorld = Callable[[Parameters, Chance, DecisionPolicy], World]
BuildPolicy = Callable[[Parameters], DecisionPolicy]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A model that can be played: parameters in, metrics out, with the published results it must reproduce."""

    key: str
    version: str
    name: str
    summary: str
    description: str
    source: str
    licence: str
    steps: int
    """How long a play usually takes at most."""
    parameters: tuple[Parameter, ...]
    presets: tuple[Preset, ...]
    metrics: tuple[Metric, ...]
    view: GridView
    policies: Mapping[str, BuildPolicy]
    population: Callable[[Parameters], int]
    """How many agents these parameters make, without building anything."""
    build: BuildWorld
    expectations: tuple[Expectation, ...]
    summarise: Callable[[Metrics], str]
    """One sentence about a step, for readers who do not see the picture."""

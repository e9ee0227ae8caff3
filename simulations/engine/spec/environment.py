"""`environment:` where agents are, what all of them share; `time:` who acts when, and when it ends."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulations.engine.spec.base import Condition, Formula, Key, Line, Part, Probability
from simulations.engine.spec.effects import Effect

SpaceKind = Literal["grid", "network", "continuous", "none"]
NetworkKind = Literal["complete", "ring", "small_world", "scale_free", "random", "cliques", "star", "line", "edges"]
NodeName = int | Key
ACTIVATIONS = ("simultaneous", "random", "staged", "event")


class Network(Part):
    """Links between nodes 0 … n-1; agents of archetypes with `place: all` take them in the order of their rows.

    `nodes`: how many (default: as many as there are agents), or their names for kind `edges`. `degree` links per node for
    `ring` and `small_world` (even), `rewire` the share of links rewired in `small_world`, `attach` links per new node in
    `scale_free`, `probability` of each link in `random`, `groups` cliques of `size` nodes each (`groups` null: as many as there is room
    for), `edges` the links themselves, by number or name.
    """

    kind: NetworkKind
    nodes: Formula | tuple[Key, ...] | None = None
    degree: Formula = 4
    rewire: Probability = 0.1
    attach: Formula = 2
    probability: Probability = 0.1
    groups: Formula | None = None
    size: Formula = 5
    edges: Annotated[tuple[tuple[NodeName, NodeName], ...], Field(max_length=5_000)] = ()

    def links(self) -> list[tuple[int, int]]:
        """The links of kind `edges` by the numbers of their nodes."""
        names = self.nodes if isinstance(self.nodes, tuple) else ()
        numbers: dict[NodeName, int] = {name: number for number, name in enumerate(names)}
        return [(_number(one, numbers), _number(other, numbers)) for one, other in self.edges]


def _number(node: NodeName, numbers: dict[NodeName, int]) -> int:
    return node if isinstance(node, int) else numbers[node]


class Global(Part):
    """A number (or yes/no, or a word) that all share: `global.<name>`. Set by effects in `before`, `after` and actions."""

    type: Literal["float", "int", "bool"] = "float"
    init: Formula
    label: Line | None = None


class Market(Part):
    """A book of orders that lasts from step to step. Orders outside `low` … `high` are refused.

    Read as `market.<name>.price` (of the last trade; 0 before the first), `.volume` (trades in the last step), `.bid` and
    `.ask` (best open ones; `low` and `high` where there are none).
    """

    kind: Literal["double_auction"] = "double_auction"
    low: Formula = 0
    high: Formula = 1_000_000


class Pool(Part):
    """A stock that agents take from: `pool.<name>` is what is left. Effects may set and add to it."""

    amount: Formula
    label: Line | None = None


class Environment(Part):
    """`shape` is [columns, rows] of a grid, `extent` [width, height] of a continuous space.

    `radius`: how far neighbours are; cells on a grid (whole), a distance in a continuous space, links on a network.
    `capacity`: agents per cell or node, null for any number. `before` runs on globals and pools at the start of each step,
    `after` at its end; their expressions see parameters, globals, pools, markets, the metrics of the step before, `step`,
    `time`, and may draw.
    """

    space: SpaceKind = "none"
    shape: tuple[Formula, Formula] | None = None
    torus: bool = False
    neighborhood: Literal["moore", "von_neumann", "hex"] = "moore"
    radius: Formula = 1
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    network: Network | None = None
    extent: tuple[Formula, Formula] | None = None
    globals: Annotated[dict[Key, Global], Field(max_length=100)] = Field(default_factory=dict)
    markets: Annotated[dict[Key, Market], Field(max_length=10)] = Field(default_factory=dict)
    pools: Annotated[dict[Key, Pool], Field(max_length=20)] = Field(default_factory=dict)
    before: Annotated[tuple[Effect, ...], Field(max_length=50)] = ()
    after: Annotated[tuple[Effect, ...], Field(max_length=50)] = ()


class Time(Part):
    """How a step goes. `activation` may name a parameter of type choice whose choices are activations. `stages` names the
    parts of a step under `staged`, one after the other: in each the archetypes of that stage act, and those without one in all; its name
    is `stage` in expressions. `every` is the waiting time of an agent under `event`
    (an expression that may draw, of its slots). `stop_when` is worked out after each step, over metrics, globals, parameters, `step`.
    """

    activation: Key = "simultaneous"
    stages: Annotated[tuple[Key, ...], Field(max_length=12)] = ()
    every: Formula | None = None
    max_steps: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    stop_when: Condition | None = None

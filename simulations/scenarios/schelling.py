"""Schelling's model of segregation: mild wishes of individuals, a divided town.

Thomas C. Schelling, "Dynamic models of segregation", Journal of Mathematical Sociology 1 (1971) 143-186. On a torus
with Moore neighbourhoods, as in NetLogo's Segregation and its replication at hamdikavak.com/sims/segregation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.engine.agents import HybridAgent
from simulations.engine.coded_decisions import DecisionPolicy, Observation, Rule, RulePolicy
from simulations.engine.parameters import Parameter, Parameters
from simulations.engine.randomness import Chance, Floats, Ints
from simulations.engine.scenario import Activation, Expectation, GridView, Legend, Metric, Metrics, Preset, Scenario
from simulations.engine.state import Column, UnifiedStateManager

if TYPE_CHECKING:
    from simulations.engine.mesa_adapter import GridWorld

_SEEN = 9
_EMPTY = 2


class Town:
    """Two groups of residents on a torus. A resident sees how many neighbours are like it and how many are not."""

    actions: tuple[str, ...] = ("stay", "move")

    def __init__(self, grid: GridWorld, places: Ints, groups: Ints, settings: Parameters, policy: DecisionPolicy):
        self.grid = grid
        self.activation: Activation = "random" if settings["activation"] == "random" else "simultaneous"
        self.threshold = float(settings["threshold"])
        self.touched: set[int] = set()
        self.moved = self.unhappy = 0
        self.state = UnifiedStateManager(
            places.size, [Column("cell", "<u2"), Column("group", "u1"), Column("happy", "?")]
        )
        self.state.write("cell", places)
        self.state.write("group", groups)
        bodies = grid.settle(places)
        self.agents: Sequence[HybridAgent[Any]] = [
            HybridAgent(row, body, "resident", policy) for row, body in enumerate(bodies)
        ]
        self._rows = np.arange(places.size)
        self._groups = groups.tolist()
        self._group_in = bytearray(len(grid.cells))
        self._picture = np.frombuffer(self._group_in, np.uint8)
        self.place()

    def active(self) -> Ints:
        self.moved = 0
        return self._rows

    def observe(self, rows: Ints) -> Ints:
        same, other = self._neighbours(rows)
        return (self.state["group"][rows] * np.int64(_SEEN) + same) * _SEEN + other

    def look_again(self, row: int) -> int:
        group = self._groups[row]
        seen = [self._group_in[cell] for cell in self.grid.near[self.state["cell"][row]]]
        same = seen.count(group)
        return int((group * _SEEN + same) * _SEEN + len(seen) - seen.count(_EMPTY) - same)

    def describe(self, code: int) -> Observation:
        rest, other = divmod(code, _SEEN)
        group, same = divmod(rest, _SEEN)
        return {"group": group, "similar": same, "other": other}

    def legal(self) -> frozenset[str]:
        return frozenset(self.actions)

    def act(self, row: int, action: str, draw: float) -> None:
        start, end = int(self.state["cell"][row]), self.grid.empty_cell(draw)
        self.grid.move(row, start, end)
        self.state.put("cell", row, end)
        self._group_in[start], self._group_in[end] = _EMPTY, self._groups[row]
        self.touched.update(self.grid.residents_near(start), self.grid.residents_near(end))
        self.moved += 1

    def measure(self) -> Metrics:
        same, other = self._neighbours(self._rows)
        seen = same + other
        share = np.divide(same, seen, out=np.ones(seen.size), where=seen > 0)
        happy = share >= self.threshold
        self.state.write("happy", happy)
        self.unhappy = int(happy.size - np.count_nonzero(happy))
        return {"similarity": _mean(share[seen > 0]), "unhappy": self.unhappy, "moved": self.moved}

    def finished(self) -> bool:
        return self.unhappy == 0

    def place(self) -> None:
        places = self.state["cell"].astype(np.int64)
        self.grid.place(places)
        self._groups = self.state["group"].tolist()
        self._picture[:] = _EMPTY
        self._picture[places] = self.state["group"]

    def close(self) -> None:
        self.grid.release()

    def _neighbours(self, rows: Ints) -> tuple[Ints, Ints]:
        near = self._picture[self.grid.neighbours[self.state["cell"][rows]]]
        same = np.count_nonzero(near == self.state["group"][rows, np.newaxis], axis=1)
        return same, np.count_nonzero(near != _EMPTY, axis=1) - same


def _mean(shares: Floats) -> float:
    return round(float(shares.mean()), 6) if shares.size else 1.0


def _rule(settings: Parameters) -> Rule:
    threshold = float(settings["threshold"])

    def choose(seen: Observation) -> str:
        total = seen["similar"] + seen["other"]
        return "move" if total and seen["similar"] / total < threshold else "stay"

    return choose


def _population(settings: Parameters) -> int:
    return round(float(settings["density"]) * int(settings["size"]) ** 2)


def _build(settings: Parameters, chance: Chance, policy: DecisionPolicy) -> Town:
    from simulations.engine.mesa_adapter import GridWorld  # noqa: PLC0415  (who only reads the catalogue needs no Mesa)

    size = int(settings["size"])
    cells = np.arange(size * size)
    places = np.sort(chance.shuffled("settle", cells)[: _population(settings)])
    groups = (chance.draws("group", places) >= float(settings["share"])).astype(np.int64)
    return Town(GridWorld(width=size, height=size, seed=0), places, groups, settings, policy)


def _summarise(metrics: Metrics) -> str:
    return (
        f"{metrics['similarity']:.0%} of neighbours are alike; {metrics['unhappy']:,.0f} residents are unhappy "
        f"and {metrics['moved']:,.0f} moved in this step."
    )


_PARAMETERS = (
    Parameter(
        "size", "int", 51, "Size of the town", "Rows and columns of the grid; its edges meet.", minimum=10, maximum=200
    ),
    Parameter(
        "density",
        "float",
        0.95,
        "Density",
        "Share of the cells that is inhabited.",
        minimum=0.5,
        maximum=0.99,
        step=0.01,
    ),
    Parameter(
        "threshold",
        "float",
        0.3,
        "Wanted share of similar neighbours",
        "A resident with a smaller share moves to a random empty cell.",
        minimum=0.0,
        maximum=1.0,
        step=0.01,
    ),
    Parameter("share", "float", 0.5, "Share of group A", "The rest is group B.", minimum=0.1, maximum=0.9, step=0.01),
    Parameter(
        "activation",
        "choice",
        "random",
        "Activation",
        "random: one after the other, each sees what the others did; simultaneous: all decide on the same picture.",
        choices=("random", "simultaneous"),
    ),
)

_SOURCE = "Schelling 1971, J. Math. Sociol. 1:143; replication at hamdikavak.com/sims/segregation: "

SCENARIO = Scenario(
    key="schelling",
    version="1.0.0",
    name="Schelling segregation",
    summary="People who would be content in a mixed neighbourhood still produce a divided town.",
    description=(
        "Residents of two groups live on a grid. Each wants at least a certain share of its neighbours to be of its "
        "own group, and moves to a random empty cell while that is not so. Even when everyone would accept being in a "
        "minority, the town ends up far more divided than anyone asked for."
    ),
    source="Thomas C. Schelling, Dynamic models of segregation, Journal of Mathematical Sociology 1 (1971) 143-186",
    licence="Apache-2.0",
    steps=300,
    parameters=_PARAMETERS,
    presets=(
        Preset("mild", "Mild wish (30 %)", {"threshold": 0.3, "density": 0.95}),
        Preset("even", "At least half (50 %)", {"threshold": 0.5, "density": 0.95}),
        Preset("strong", "Strong wish (70 %)", {"threshold": 0.7, "density": 0.9}),
    ),
    metrics=(
        Metric(
            "similarity", "Similar neighbours", "share", "Mean share of like neighbours, of residents who have any."
        ),
        Metric("unhappy", "Unhappy residents", "count", "Residents below their wanted share."),
        Metric("moved", "Moves", "count", "Residents who moved in the step."),
    ),
    view=GridView(
        width="size",
        height="size",
        place="cell",
        colour="group",
        legend=(Legend(0, "Group A"), Legend(1, "Group B")),
        mark="happy",
        mark_label="pale: unhappy",
    ),
    policies={"rule": lambda settings: RulePolicy(_rule(settings))},
    population=_population,
    build=_build,
    expectations=(
        Expectation(
            {"threshold": 0.3, "density": 0.95}, "similarity", 0.70, 0.80, _SOURCE + "30 % gives about 75 % alike"
        ),
        Expectation(
            {"threshold": 0.5, "density": 0.95},
            "similarity",
            0.82,
            0.91,
            _SOURCE + "between 30 % (75 % alike) and 60 % (100 %)",
        ),
        Expectation(
            {"threshold": 0.7, "density": 0.9},
            "similarity",
            0.95,
            1.0,
            _SOURCE + "60 % and more gives about 100 % alike",
        ),
    ),
    summarise=_summarise,
)

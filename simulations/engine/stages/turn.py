"""What one step has found out so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from simulations.engine.asking import Asked, Moment
from simulations.engine.batches import Batch
from simulations.engine.decisions import ZERO, Choices, Decision, DecisionPolicy
from simulations.engine.randomness import Chance, Ints
from simulations.engine.state import Delta
from simulations.engine.world.contract import Metrics, Round, World

Seen = tuple[int, tuple[Any, ...], int]
"""An archetype, what one of its agents sees, and its legal actions as bits: one situation."""


@dataclass(slots=True)
class Group:
    """Agents of one archetype who are decided for by one policy; `places` are theirs in the batch.

    Rules over columns fill `choices` at once; everybody else is `asked`, and `decisions` are the answers to its requests.
    """

    policy: DecisionPolicy
    archetype: int
    batch: Batch
    places: Ints
    asked: Asked | None = None
    decisions: list[Decision] = field(default_factory=list)
    choices: Choices | None = None


@dataclass(slots=True)
class Turn:
    """`groups` are those of the present round; `person` decides for the agents in `seats`.

    `sources` counts decisions of agents by who took them, `refused` what was chosen and not legal.
    """

    step: int
    world: World
    chance: Chance
    scenario: str
    policies: Mapping[str, DecisionPolicy]
    seats: Collection[int]
    person: DecisionPolicy | None
    acceptable: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
    rounds: Sequence[Round] = ()
    round: Round | None = None
    batches: dict[int, Batch] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    refused: int = 0
    calls: int = 0
    tokens: int = 0
    cost: Decimal = ZERO
    metrics: Metrics = field(default_factory=dict)
    delta: Delta = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def present(self) -> Round:
        if self.round is None:
            raise RuntimeError("No round has begun.")
        return self.round

    def moment(self) -> Moment:
        """What is the same for all who are asked now."""
        return Moment(
            self.scenario,
            time=float(self.step),
            stage=self.present.stage,
            messages=self.world.messages(),
            seated=self.seats,
            person=self.person,
        )

    def count(self, decision: Decision, agents: int) -> None:
        """Enter a decision for so many agents; what it cost is entered once."""
        self.sources[decision.source] += agents
        if decision.source == "fallback":
            self.fallbacks[decision.cause or "fallback"] += agents

    def pay(self, decision: Decision) -> None:
        """Enter what a decision has cost."""
        self.calls += decision.calls
        self.tokens += decision.prompt_tokens + decision.completion_tokens
        self.cost += decision.cost


class Stage(Protocol):
    """One stage. `each_round`: it is gone through once for every round of a step, else once for the step."""

    name: str
    each_round: bool

    async def __call__(self, turn: Turn) -> None: ...

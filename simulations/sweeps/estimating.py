"""What a sweep will take, before it begins: from what plays of the same scenario took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Max, Sum

from simulations.models import Simulation
from simulations.services.settling import Settled

Basis = Literal["rules", "plays", "nothing"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Runs, of which `known` are finished already, agent-steps of the others, model calls and US dollars.

    `calls_least`: every answer is known already. `calls_expected`: each set of parameters asks what one play asked that
    knew nothing; later seeds find its answers. `calls_most`: every run asks as much as the dearest so far, or, where
    nothing was played yet, once for each agent and step. Budgets bound all three. `basis` says what it rests on.
    """

    runs: int
    known: int
    agents: int
    agent_steps: int
    calls_least: int
    calls_expected: int
    calls_most: int
    cost_least: Decimal
    cost_expected: Decimal
    cost_most: Decimal
    basis: Basis

    def as_json(self) -> dict[str, Any]:
        return {name: float(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be played: `todo` runs over `cells` sets of parameters, of `agents` agents and `steps` steps each."""

    runs: int
    known: int
    cells: int
    agents: int
    steps: int

    @property
    def todo(self) -> int:
        return self.runs - self.known


@dataclass(frozen=True, slots=True)
class Past:
    """Completed plays of the same scenario, policy and model: the most calls that one asked, and US dollars of a call; 0 where there are none."""

    most_calls: int
    usd: Decimal


def estimate_of(load: Load, settled: Settled, *, most_calls: int | None) -> Estimate:
    """`most_calls`: what the budgets allow for all runs together, if they say."""
    steps = load.todo * load.agents * load.steps
    if not settled.asks_models or not load.todo:
        return Estimate(load.runs, load.known, load.agents, steps, 0, 0, 0, Decimal(0), Decimal(0), Decimal(0), "rules")
    past = _past(settled)
    most = load.todo * past.most_calls if past.most_calls else steps
    bound = most if most_calls is None else min(most, most_calls)
    asked = min(load.cells, load.todo) * past.most_calls if past.most_calls else load.agents * load.steps
    expected = min(asked, bound)
    return Estimate(
        runs=load.runs,
        known=load.known,
        agents=load.agents,
        agent_steps=steps,
        calls_least=0,
        calls_expected=expected,
        calls_most=bound,
        cost_least=Decimal(0),
        cost_expected=round(past.usd * expected, 6),
        cost_most=round(past.usd * bound, 6),
        basis="plays" if past.most_calls else "nothing",
    )


def _past(settled: Settled) -> Past:
    plays = Simulation.objects.filter(
        scenario_digest=settled.spec.digest,
        policy=settled.policy,
        model=settled.model,
        status=Simulation.Status.COMPLETED,
    )
    sums = plays.aggregate(dearest=Max("llm_calls"), calls=Sum("llm_calls"), cost=Sum("cost"))
    usd = Decimal(sums["cost"] or 0) / sums["calls"] if sums["calls"] else Decimal(0)
    return Past(sums["dearest"] or 0, usd)

"""What whoever begins a play chooses from: ways of deciding with what they will cost, published results with what came out here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Max, Sum

from simulations.engine.spec import ScenarioSpec
from simulations.engine.spec.base import in_words
from simulations.engine.spec.policies import Budget
from simulations.library import Published, published
from simulations.models import Scenario, Simulation
from simulations.showing import number_in_words

_LABELS = {
    "rule": "Rules",
    "llm": "A language model",
    "individual": "A model for each agent",
    "crew": "A crew",
    "human": "People",
    "hybrid": "Rules and a model",
}
_KINDS = {
    "rule": "Rules decide. No language model is asked, nothing is spent.",
    "llm": "A language model decides once for all in the same situation; the answers are kept.",
    "individual": "A language model decides for each agent, which remembers.",
    "crew": "A crew of agents talks it over for each situation.",
    "human": "People sit in the agents' places and decide.",
    "hybrid": "Rules decide, and a model where it matters.",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A way of deciding. `cost` is a sentence on what a play of it took so far, or may take."""

    name: str
    label: str
    how: str
    cost: str
    asks_models: bool


def offers(spec: ScenarioSpec, agents: int, steps: int) -> Iterator[Offer]:
    """All policies of a scenario, for plays of so many agents and steps."""
    for name, policy in spec.policies.items():
        kind = "individual" if policy.kind == "llm" and policy.tier == "individual" else policy.kind
        asks = spec.asks_models(name)
        cost = _cost(spec, name, agents * steps) if asks else "No calls, no cost."
        label = _LABELS[kind] if name == policy.kind else in_words(name)
        yield Offer(name, label, _KINDS[kind], cost, asks)


def _cost(spec: ScenarioSpec, policy: str, decisions: int) -> str:
    past = Simulation.objects.filter(
        scenario_digest=spec.digest, policy=policy, status=Simulation.Status.COMPLETED
    ).aggregate(
        plays=Count("id"), calls=Avg("llm_calls"), most=Max("llm_calls"), cost=Avg("cost"), asked=Sum("llm_calls")
    )
    caps = [budget.calls for budget in _budgets(spec, policy) if budget.calls is not None]
    bound = f" Its budget ends at {min(caps):,} calls." if caps else ""
    if not past["asked"]:
        return f"Nothing was played with it yet: at most {min([decisions, *caps]):,} calls, as a rule far fewer."
    return f"{past['plays']} plays took {past['calls']:,.0f} calls (at most {past['most']:,}) and US$ {past['cost']:.4f} on average.{bound}"


def _budgets(spec: ScenarioSpec, policy: str) -> Iterator[Budget]:
    for name in spec.reached(policy):
        found: Any = spec.policies[name]
        if isinstance(getattr(found, "budget", None), Budget):
            yield found.budget


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A published result beside the mean of the plays here that had the same parameters."""

    when: str
    label: str
    low: str
    high: str
    seeds: int
    source: str
    plays: int
    measured: str
    holds: bool


def reproduced(spec: ScenarioSpec, scenario: Scenario) -> Iterator[Reproduced]:
    defaults = {parameter.name: parameter.default for parameter in spec.declared()}
    for each in published(spec):
        metric = spec.metrics[each.metric]
        values = _measured(scenario, each, {**defaults, **each.when})
        mean = sum(values) / len(values) if values else None
        yield Reproduced(
            when=", ".join(f"{in_words(name).lower()} {value}" for name, value in each.when.items()),
            label=metric.title(each.metric),
            low=number_in_words(each.low, metric.unit),
            high=number_in_words(each.high, metric.unit),
            seeds=each.seeds,
            source=each.source,
            plays=len(values),
            measured=number_in_words(mean, metric.unit),
            holds=mean is not None and each.low <= mean <= each.high,
        )


def _measured(scenario: Scenario, expected: Published, parameters: Mapping[str, Any]) -> list[float]:
    ended = Simulation.objects.filter(
        scenario=scenario, status=Simulation.Status.COMPLETED, parameters=parameters, mode=Simulation.Mode.LIVE
    )
    found = ended.order_by("-created_at").values_list("metrics", flat=True)[:50]
    return [metrics[expected.metric] for metrics in found if expected.metric in metrics]

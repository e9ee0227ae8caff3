"""From the policies that a scenario declares to policies that decide, by the names that a play chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulations.engine.decisions import (
    AfterCap,
    CrewMember,
    CrewPort,
    DecisionPolicy,
    DecisionStore,
    ModelPort,
    SeatPort,
    Word,
)
from simulations.engine.errors import UnknownPolicy
from simulations.engine.policies.absent import NoCrews, NoModels, NoSeats
from simulations.engine.policies.archetype import ArchetypeLLMPolicy, Asking
from simulations.engine.policies.calls import Calls
from simulations.engine.policies.columns import VectorRulePolicy
from simulations.engine.policies.declared import forms_of, ways_of, wordings_of, written_rules
from simulations.engine.policies.falling_back import Fallback
from simulations.engine.policies.hybrid import HybridPolicy, Way
from simulations.engine.policies.individual import CrewModels, CrewPolicy, IndividualLLMPolicy
from simulations.engine.policies.people import HumanPolicy
from simulations.engine.policies.store import MemoryStore
from simulations.engine.spec import ScenarioSpec
from simulations.engine.spec import policies as declared
from simulations.engine.spend import Cap, Spend

MOST_CREWS = 8
PERSON_WAITS = 60.0


@dataclass(slots=True)
class Ports:
    """The ways out of a play. Without models, crews or seats nobody answers there, and fallbacks say so."""

    models: ModelPort = field(default_factory=NoModels)
    crews: CrewPort = field(default_factory=NoCrews)
    seats: SeatPort = field(default_factory=NoSeats)
    store: DecisionStore = field(default_factory=MemoryStore)


@dataclass(slots=True)
class Terms:
    """What a play decides for all its policies. `model` is asked where a policy names none; `after_cap` overrides theirs.

    `parameters` is looked at anew in every step, so that a live one may change. `spend` are the books of the whole play.
    """

    parameters: Mapping[str, Word]
    seed: int = 0
    model: str = ""
    after_cap: AfterCap | None = None
    spend: Spend = field(default_factory=Spend)
    call_seconds: float = 60.0


Wrap = Callable[[DecisionPolicy], DecisionPolicy]


class Building:
    """Builds each declared policy once. `wrap` is put around those that ask somebody (to record or to replay them)."""

    def __init__(self, spec: ScenarioSpec, terms: Terms, ports: Ports, wrap: Wrap = lambda policy: policy) -> None:
        self.spec = spec
        self.terms = terms
        self.ports = ports
        self.wrap = wrap
        self.calls = Calls(ports.models, call_seconds=terms.call_seconds)
        self.spends: dict[str, Spend] = {}
        self.asking: dict[str, DecisionPolicy] = {}
        self._built: dict[str, DecisionPolicy] = {}
        self._bare: dict[str, DecisionPolicy] = {}
        self._under_way: list[str] = []

    def policy(self, name: str) -> DecisionPolicy:
        """The policy of that name, as agents use it. Raises UnknownPolicy."""
        if name not in self._built:
            bare = self.bare(name)
            if isinstance(bare, HybridPolicy | VectorRulePolicy):
                self._built[name] = bare
            else:
                self._built[name] = self.asking[name] = self.wrap(bare)
        return self._built[name]

    def bare(self, name: str) -> DecisionPolicy:
        """The same without a record: as a fallback of another uses it."""
        if name not in self.spec.policies:
            offered = ", ".join(self.spec.policies)
            raise UnknownPolicy(f"{self.spec.name} offers these policies: {offered}; not {name!r}.")
        if name in self._under_way:
            raise UnknownPolicy(f"The policies hand on in a circle: {' → '.join([*self._under_way, name])}.")
        if name not in self._bare:
            self._under_way.append(name)
            try:
                self._bare[name] = self._make(name, self.spec.policies[name])
            finally:
                self._under_way.pop()
        return self._bare[name]

    def person(self, fallback: DecisionPolicy) -> DecisionPolicy:
        """Who decides for agents in whose place somebody sits: the scenario's own, or one that falls back as others decide."""
        for name, each in self.spec.policies.items():
            if isinstance(each, declared.HumanPolicy):
                return self.policy(name)
        if "person" not in self.asking:
            bare = HumanPolicy(
                "person",
                self.ports.seats,
                self._forms(),
                wait_seconds=PERSON_WAITS,
                fallback=Fallback(fallback),
            )
            self.asking["person"] = self.wrap(bare)
        return self.asking["person"]

    def _make(self, name: str, told: Any) -> DecisionPolicy:
        if isinstance(told, declared.RulePolicy):
            rules = written_rules(self.spec, told)
            return VectorRulePolicy(name, rules, parameters=self.terms.parameters, seed=self.terms.seed)
        if isinstance(told, declared.HybridPolicy):
            ways = [Way(self.policy(use), when) for use, when in ways_of(self.spec, told)]
            return HybridPolicy(name, ways, parameters=self.terms.parameters)
        if isinstance(told, declared.HumanPolicy):
            fallback = Fallback(self._fallback(told.fallback))
            return HumanPolicy(name, self.ports.seats, self._forms(), wait_seconds=told.wait_seconds, fallback=fallback)
        return self._crew(name, told) if isinstance(told, declared.CrewPolicy) else self._llm(name, told)

    def _llm(self, name: str, told: declared.LlmPolicy) -> DecisionPolicy:
        single = told.tier == "individual" or told.answer == "samples"
        wordings = wordings_of(self.spec, told, "choice" if single else "shares", self.terms.parameters)
        warm = told.tier == "archetype" and told.answer == "samples" and told.samples > 1
        asking = self._asking(name, told, self.calls, 1.0 if warm else 0.0)
        if told.tier == "individual":
            return IndividualLLMPolicy(name, wordings, asking, memory=told.memory)
        samples = told.samples if told.answer == "samples" else 0
        return ArchetypeLLMPolicy(name, wordings, asking, samples=samples, together=told.batch)

    def _crew(self, name: str, told: declared.CrewPolicy) -> DecisionPolicy:
        members = [CrewMember(each.role, each.goal, each.backstory) for each in told.agents]
        calls = Calls(CrewModels(self.ports.crews, members), most=MOST_CREWS, call_seconds=10 * self.terms.call_seconds)
        wordings = wordings_of(self.spec, told, "choice", self.terms.parameters)
        return CrewPolicy(name, wordings, self._asking(name, told, calls, 0.0))

    def _asking(self, name: str, told: declared.ModelPolicy, calls: Calls, temperature: float) -> Asking:
        after_cap = self.terms.after_cap or told.after_cap
        usd = None if told.budget.usd is None else Decimal(str(told.budget.usd))
        self.spends[name] = Spend(Cap(told.budget.calls, told.budget.tokens, usd), after_cap)
        return Asking(
            calls,
            self.ports.store,
            (self.terms.spend, self.spends[name]),
            Fallback(self._fallback(told.fallback), after_cap),
            told.model or self.terms.model,
            temperature if told.temperature is None else told.temperature,
        )

    def _fallback(self, name: str | None) -> DecisionPolicy | None:
        return None if name is None else self.bare(name)

    def _forms(self) -> dict[str, Any]:
        return {archetype: forms_of(self.spec, archetype) for archetype in self.spec.archetypes}

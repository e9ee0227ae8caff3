"""Who decides in a play: the policies of its archetypes, whoever sits in an agent's place, what they remember and spend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulations.engine.decisions import DecisionPolicy
from simulations.engine.parameters import Value
from simulations.engine.policies.building import Building, Ports, Terms
from simulations.engine.policies.declared import forms_of
from simulations.engine.policies.forms import ArgumentRefused
from simulations.engine.policies.rules import RulePolicy
from simulations.engine.recording.recorded import Remembering
from simulations.engine.spec import ScenarioSpec
from simulations.engine.spend import Spend

Assigned = str | Mapping[str, str] | None
"""One policy for all, or one for each archetype; None as the scenario assigns them."""
Build = Callable[[ScenarioSpec, Mapping[str, Value], int], Building]


def plain_build(spec: ScenarioSpec, settings: Mapping[str, Value], seed: int) -> Building:
    """Policies without models, crews or seats: rules decide, and where a model is wanted, its fallback."""
    return Building(spec, Terms(settings, seed), Ports())


def policy_name(policy: Assigned, archetype: str, spec: ScenarioSpec) -> str:
    """The name of the policy that decides for an archetype."""
    if isinstance(policy, str):
        return policy
    return (policy or {}).get(archetype) or spec.policy_of(archetype)


class Deciders:
    """`policies` by archetype. `settings` are the live parameters, which policies look at anew in every step."""

    def __init__(
        self, spec: ScenarioSpec, settings: Mapping[str, Value], seed: int, assigned: Assigned, build: Build
    ) -> None:
        """Raises UnknownPolicy."""
        self.assigned = assigned
        self.build = build
        self.building = build(spec, settings, seed)
        self.policies = {name: self.building.policy(policy_name(assigned, name, spec)) for name in spec.archetypes}
        self._forms = {form.name: form for name in spec.archetypes for form in forms_of(spec, name)}
        self._person: DecisionPolicy | None = None

    @property
    def person(self) -> DecisionPolicy:
        """Decides for agents in whose place somebody sits."""
        if self._person is None:
            self._person = self.building.person(next(iter(self.policies.values())))
        return self._person

    def fields_read(self) -> dict[str, frozenset[str] | None]:
        """By archetype, the observations that whoever decides looks at; None: all of them may matter."""
        return {name: fields_read(policy, name) for name, policy in self.policies.items()}

    def acceptable(self, action: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The arguments as the action takes them, or None."""
        if not args and not self._forms[action].args:
            return args
        try:
            return self._forms[action].accept(args)
        except ArgumentRefused:
            return None

    def memories(self) -> dict[str, Any]:
        """What policies whose agents remember have to remember."""
        asking = self.building.asking.items()
        kept = {name: policy.snapshot() for name, policy in asking if isinstance(policy, Remembering)}
        return {name: memory for name, memory in kept.items() if memory}

    def remember(self, memories: Mapping[str, Any]) -> None:
        """Remember this and nothing else."""
        for name, policy in self.building.asking.items():
            if isinstance(policy, Remembering) and (name in memories or policy.snapshot()):
                policy.restore(memories.get(name, {}))

    def books(self) -> dict[str, Any]:
        """What was spent, by policy; the play's own under the empty name."""
        return {name: spend.snapshot() for name, spend in self._spends().items()}

    def open_books(self, books: Mapping[str, Any]) -> None:
        for name, spend in self._spends().items():
            if name in books:
                spend.restore(books[name])

    def _spends(self) -> dict[str, Spend]:
        return {"": self.building.terms.spend, **self.building.spends}


def fields_read(policy: DecisionPolicy, archetype: str) -> frozenset[str] | None:
    """The fields that rules name; None: all of them may matter."""
    if not isinstance(policy, RulePolicy) or archetype not in policy.rules:
        return None
    lines = policy.rules[archetype].lines
    return frozenset(name for line in lines for _, expression in line.expressions for name in expression.names)

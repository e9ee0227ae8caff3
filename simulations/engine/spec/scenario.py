"""`spec:` of an agent-based scenario as a whole, and the scenario with its name."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from simulations.engine.parameters import Parameter
from simulations.engine.spec.archetypes import Action, Archetype
from simulations.engine.spec.base import Key, Note, Part, Prose
from simulations.engine.spec.crowds import Observation
from simulations.engine.spec.environment import Environment, Time
from simulations.engine.spec.metrics import AnyMetric, Objective, View
from simulations.engine.spec.policies import HybridPolicy, Policy, RulePolicy
from simulations.engine.spec.promises import Expectation, Preset, Sweep
from simulations.engine.spec.settings import Setting

ModelKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,49}$")]


class AbmSpec(Part):
    """An agent-based scenario (`family: abm`). `model` names a Python part of the library that does what no effect can say.

    `summary` is a sentence about a step with metrics in {braces}; `look_at` says, in Markdown, what to look at. `source` is where
    the model was published. `assign` is the policy of each archetype where a play chooses none.
    `seed` is that of a play which chooses none; null: another one each time. `order` is filled in when it is read; see `order.py`.
    """

    family: Literal["abm"]
    source: Note = ""
    look_at: Prose = ""
    model: ModelKey | None = None
    parameters: Annotated[dict[Key, Setting], Field(max_length=60)] = Field(default_factory=dict)
    environment: Environment = Environment()
    time: Time = Time()
    archetypes: Annotated[dict[Key, Archetype], Field(min_length=1, max_length=20)]
    observations: Annotated[dict[Key, dict[Key, Observation]], Field(max_length=20)] = Field(default_factory=dict)
    actions: Annotated[dict[Key, Action], Field(min_length=1, max_length=50)]
    policies: Annotated[dict[Key, Policy], Field(min_length=1, max_length=20)]
    assign: dict[Key, Key] = Field(default_factory=dict)
    metrics: Annotated[dict[Key, AnyMetric], Field(min_length=1, max_length=60)]
    views: Annotated[tuple[View, ...], Field(max_length=20)] = ()
    summary: Annotated[str, Field(max_length=1_000)] = ""
    presets: Annotated[tuple[Preset, ...], Field(max_length=20)] = ()
    objectives: Annotated[tuple[Objective, ...], Field(max_length=20)] = ()
    expect: Annotated[tuple[Expectation, ...], Field(max_length=40)] = ()
    sweep: Sweep | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    order: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def policy_of(self, archetype: str) -> str:
        """Its policy where a play chooses none: as assigned, else the first one there is."""
        return self.assign.get(archetype) or next(iter(self.policies))

    @property
    def usual_policy(self) -> str:
        """The policy of all where a play chooses none; empty where archetypes have different ones."""
        found = {self.policy_of(archetype) for archetype in self.archetypes}
        return found.pop() if len(found) == 1 else ""

    def declared(self) -> tuple[Parameter, ...]:
        """The parameters as `settle_parameters` wants them."""
        return tuple(setting.declared(name) for name, setting in self.parameters.items())

    def asks_models(self, policy: str) -> bool:
        """Whether a play with this policy may call a language model, also through routes and fallbacks."""
        return any(self.policies[name].kind in {"llm", "crew"} for name in self.reached(policy))

    def reached(self, policy: str) -> tuple[str, ...]:
        """This policy and all that it may hand a decision to, each once; names that are not there are left out."""
        found: dict[str, None] = {}
        left = [policy]
        while left:
            name = left.pop(0)
            if name in found or name not in self.policies:
                continue
            found[name] = None
            left.extend(self.handed_to(name))
        return tuple(found)

    def handed_to(self, policy: str) -> tuple[str, ...]:
        """The policies that this one names: its routes, or its fallback."""
        declared = self.policies[policy]
        if isinstance(declared, HybridPolicy):
            return tuple(route.use for route in declared.route)
        fallback = None if isinstance(declared, RulePolicy) else declared.fallback
        return (fallback,) if fallback else ()


def settled(value: Any) -> Any:
    """Whole numbers as integers: a JSON column gives back 2 where 2.0 was put."""
    if isinstance(value, dict):
        return {key: settled(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [settled(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class ScenarioSpec(AbmSpec):
    """A scenario with what its metadata says: `key` is metadata.name, `name` its title, `tagline` its summary."""

    key: ModelKey
    version: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    tagline: Annotated[str, Field(max_length=400)] = ""
    description: Prose = ""
    licence: Annotated[str, Field(max_length=60)] = ""

    @cached_property
    def digest(self) -> str:
        """`blake2b:` and 32 hexadecimal digits of what decides how it plays and what it is asked; words for people do not count."""
        said = settled(self.model_dump(mode="json", exclude_defaults=True, include=_PLAYED))
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return "blake2b:" + hashlib.blake2b(f"{self.key}\n{text}".encode(), digest_size=16).hexdigest()

    def document(self) -> dict[str, Any]:
        """Plain JSON data that `parse_scenario` reads back as an equal scenario."""
        spec = settled(self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=set(_NAMES)))
        metadata = {"name": self.key, "version": self.version, "title": self.name, "license": self.licence}
        metadata |= {"summary": self.tagline, "description": self.description}
        return {"kind": "Scenario", "metadata": {name: text for name, text in metadata.items() if text}, "spec": spec}


_NAMES = ("key", "version", "name", "tagline", "description", "licence")
_PLAYED = {
    "model", "parameters", "environment", "time", "archetypes", "observations", "actions", "policies", "assign", "metrics", "order",
}  # fmt: skip

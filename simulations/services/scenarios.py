"""What may be done with scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from simulations.chat.library import conversations
from simulations.chat.services import add_conversation
from simulations.engine.spec import ScenarioSpec
from simulations.library import definition_of
from simulations.manifests import read_scenario, read_written
from simulations.models import Scenario
from simulations.scenarios import catalogue, scenario_of
from simulations.services.settling import Settings, parameters_in, refused, settle
from tenants import audit
from tenants.access import Member, require_builder


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScenario:
    """A scenario of the library with a workspace's own defaults, or with its own `definition` (a manifest's metadata and spec).

    `source` is publisher/listing@version; without `policy` the scenario's own.
    """

    key: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    summary: str = ""
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    presets: Sequence[Mapping[str, Any]] = ()
    policy: str = ""
    steps: int | None = None
    seed: int | None = None
    source: str = ""
    grants: Sequence[str] | None = None
    manifest_digest: str = ""


@transaction.atomic
def add_scenario(*, new: NewScenario, by: Member) -> Scenario:
    """Add a scenario to the workspace: what it brings with it whole, or a copy of one of the library. Raises Invalid."""
    require_builder(by)
    if not new.definition and new.key in conversations():
        return add_conversation(key=new.key, by=by)
    scenario = _whole(new) if new.definition else _of_library(new)
    scenario.save(force_insert=True)
    audit.record("scenario.added", scenario, by=by, key=new.key, source=new.source)
    return scenario


def _whole(new: NewScenario) -> Scenario:
    """A scenario that brings all that it is; its parameters may differ from what it says."""
    spec = read_scenario(new.definition)
    check_defaults(spec, new.parameters, new.policy, new.presets)
    return _row(new, spec)


def _of_library(new: NewScenario) -> Scenario:
    """One of the library, with policy and presets of its own where none are given."""
    spec = scenario_of(new.key)
    if spec is None:
        known = ", ".join([*catalogue(), *conversations()])
        raise refused("key", "unknown", f"There is no scenario {new.key!r}; there are: {known}.")
    made = _row(replace(new, policy=new.policy or spec.usual_policy, presets=new.presets or _presets(spec)), spec)
    settle(spec, made, Settings())
    _check_presets(spec, new.parameters, new.presets)
    return made


def _row(new: NewScenario, spec: ScenarioSpec) -> Scenario:
    """What is asked for, in words of the scenario's own where none are given; not saved."""
    return Scenario(
        key=new.key[:60],
        name=new.name or spec.name[:120],
        summary=new.summary or spec.tagline[:300],
        description=new.description or spec.description[:10_000],
        definition=dict(new.definition),
        version=spec.version[:40],
        parameters=dict(new.parameters),
        presets=[dict(preset) for preset in new.presets],
        policy=new.policy,
        steps=new.steps or spec.time.max_steps,
        seed=new.seed,
        source=new.source,
        grants=None if new.grants is None else sorted(new.grants),
        manifest_digest=new.manifest_digest,
    )


def check_defaults(
    spec: ScenarioSpec, parameters: Mapping[str, Any], policy: str, presets: Sequence[Mapping[str, Any]]
) -> None:
    """A workspace's own defaults for a scenario that it has whole. Raises Invalid."""
    parameters_in(spec, parameters)
    _check_presets(spec, parameters, presets)
    if policy and policy not in spec.policies:
        raise refused("policy", "unknown", f"There is no policy {policy!r}; there are: {', '.join(spec.policies)}.")


def _check_presets(spec: ScenarioSpec, parameters: Mapping[str, Any], presets: Sequence[Mapping[str, Any]]) -> None:
    for number, preset in enumerate(presets):
        parameters_in(spec, {**parameters, **preset["parameters"]}, f"presets[{number}].")


def _presets(spec: ScenarioSpec) -> list[dict[str, Any]]:
    return [preset.model_dump() for preset in spec.presets]


@transaction.atomic
def change_scenario(*, scenario: Scenario, changes: Mapping[str, Any], by: Member) -> Scenario:
    """Change the words or the defaults of a scenario; plays that began keep theirs."""
    require_builder(by)
    for name, value in changes.items():
        setattr(scenario, name, value)
    if scenario.definition:
        return _change_whole(scenario, changes, by)
    settle(definition_of(scenario), scenario, Settings())
    scenario.save(update_fields=[*changes, "updated_at"])
    audit.record("scenario.changed", scenario, by=by, fields=sorted(changes))
    return scenario


def _change_whole(scenario: Scenario, changes: Mapping[str, Any], by: Member) -> Scenario:
    spec = read_scenario(scenario.definition)
    check_defaults(spec, scenario.parameters, scenario.policy, scenario.presets)
    scenario.version = spec.version[:40]
    scenario.save(update_fields=[*changes, "version", "updated_at"])
    audit.record("scenario.changed", scenario, by=by, fields=sorted(changes))
    return scenario


@transaction.atomic
def write_scenario(*, text: str | Mapping[str, Any], by: Member) -> Scenario:
    """A scenario from a manifest that somebody wrote. Raises ManifestRefused for all of its faults at once."""
    spec = read_written(text)
    new = NewScenario(
        key=spec.key,
        definition=spec.document(),
        presets=_presets(spec),
        policy=spec.usual_policy,
        seed=spec.seed,
    )
    return add_scenario(new=new, by=by)


@transaction.atomic
def rewrite_scenario(*, scenario: Scenario, text: str | Mapping[str, Any], by: Member) -> Scenario:
    """A new version of the scenario's definition; plays that began keep theirs."""
    spec = read_written(text)
    changes = {
        "key": spec.key[:60],
        "definition": spec.document(),
        "name": spec.name[:120],
        "summary": spec.tagline[:300],
        "description": spec.description[:10_000],
        "parameters": {},
        "presets": _presets(spec),
        "policy": spec.usual_policy,
        "steps": spec.time.max_steps,
        "seed": spec.seed,
    }
    return change_scenario(scenario=scenario, changes=changes, by=by)


@transaction.atomic
def remove_scenario(*, scenario: Scenario, by: Member) -> None:
    """Take a scenario out of the workspace. Its plays stay, with all that they need."""
    require_builder(by)
    audit.record("scenario.removed", scenario, by=by)
    scenario.delete()

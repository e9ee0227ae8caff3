"""What may be done with scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from simulations.chat.library import conversations
from simulations.chat.services import add_conversation
from simulations.engine.errors import ParametersRefused
from simulations.engine.parameters import Value, settle_parameters
from simulations.engine.spec import ScenarioSpec
from simulations.library import definition_of
from simulations.manifests import read_scenario, read_written
from simulations.models import Scenario
from simulations.scenarios import catalogue, scenario_of
from simulations.services.settling import Settings, parameters_in, refused, settle
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import FieldError, Invalid


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
    """Copy a scenario of the library into the workspace."""
    require_builder(by)
    if new.definition:
        return _add_whole(new, by)
    if new.key in conversations():
        return add_conversation(key=new.key, by=by)
    definition = scenario_of(new.key)
    if definition is None:
        raise refused(
            "key",
            "unknown",
            f"There is no scenario {new.key!r}; there are: {', '.join([*catalogue(), *conversations()])}.",
        )
    steps, policy = new.steps or definition.time.max_steps, new.policy or definition.usual_policy
    settings = Settings(parameters=new.parameters, policy=policy, steps=steps, seed=new.seed)
    settle(definition, Scenario(parameters={}, policy=policy, steps=steps), settings)
    for number, preset in enumerate(new.presets):
        parameters_in(definition, {**new.parameters, **preset["parameters"]}, f"presets[{number}].")
    scenario = Scenario.objects.create(
        key=new.key,
        name=new.name or definition.name,
        summary=new.summary or definition.tagline[:300],
        description=new.description or definition.description[:10_000],
        version=definition.version[:40],
        parameters=dict(new.parameters),
        presets=[dict(preset) for preset in new.presets] or _library_presets(definition),
        policy=policy,
        steps=steps,
        seed=new.seed,
        source=new.source,
        grants=None if new.grants is None else sorted(new.grants),
        manifest_digest=new.manifest_digest,
    )
    audit.record("scenario.added", scenario, by=by, key=new.key, source=new.source)
    return scenario


def _add_whole(new: NewScenario, by: Member) -> Scenario:
    """A scenario that brings all that it is; its parameters may differ from what it says."""
    spec = read_scenario(new.definition)
    check_defaults(spec, new.parameters, new.policy, new.presets)
    scenario = Scenario.objects.create(
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
    audit.record("scenario.added", scenario, by=by, key=new.key, source=new.source)
    return scenario


def check_defaults(
    spec: ScenarioSpec, parameters: Mapping[str, Any], policy: str, presets: Sequence[Mapping[str, Any]]
) -> None:
    """A workspace's own defaults for a scenario that it has whole. Raises Invalid."""
    settled_in(spec, parameters)
    for number, preset in enumerate(presets):
        settled_in(spec, {**parameters, **preset["parameters"]}, f"presets[{number}].")
    if policy and policy not in spec.policies:
        raise refused("policy", "unknown", f"There is no policy {policy!r}; there are: {', '.join(spec.policies)}.")


def settled_in(spec: ScenarioSpec, given: Mapping[str, Any], where: str = "") -> dict[str, Value]:
    """All parameters of a play, after their bounds were checked. Raises Invalid that names every fault."""
    try:
        return settle_parameters(spec.declared(), given)
    except ParametersRefused as found:
        errors = [FieldError(where + refusal.path, refusal.code, refusal.detail) for refusal in found.refusals]
        raise Invalid(found.detail, errors=errors) from None


def _library_presets(definition: ScenarioSpec) -> list[dict[str, Any]]:
    return [preset.model_dump() for preset in definition.presets]


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
        presets=[preset.model_dump() for preset in spec.presets],
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
        "presets": [preset.model_dump() for preset in spec.presets],
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

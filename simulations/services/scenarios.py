"""What may be done with scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from simulations.engine.scenario import Scenario as Definition
from simulations.library import definition_of
from simulations.models import Scenario
from simulations.scenarios import catalogue
from simulations.services.settling import Settings, parameters_in, refused, settle
from tenants import audit
from tenants.access import Member, require_builder


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScenario:
    """A scenario of the library with a workspace's own defaults; `source` is publisher/listing@version."""

    key: str
    name: str = ""
    summary: str = ""
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    presets: Sequence[Mapping[str, Any]] = ()
    policy: str = "rule"
    steps: int | None = None
    seed: int | None = None
    source: str = ""
    grants: Sequence[str] | None = None
    manifest_digest: str = ""


@transaction.atomic
def add_scenario(*, new: NewScenario, by: Member) -> Scenario:
    """Copy a scenario of the library into the workspace."""
    require_builder(by)
    if new.key not in catalogue():
        raise refused("key", "unknown", f"There is no scenario {new.key!r}; there are: {', '.join(catalogue())}.")
    definition = definition_of(new.key)
    steps = new.steps or definition.steps
    settings = Settings(parameters=new.parameters, policy=new.policy, steps=steps, seed=new.seed)
    settle(definition, {}, settings, steps, new.policy)
    for number, preset in enumerate(new.presets):
        parameters_in(definition, {**new.parameters, **preset["parameters"]}, f"presets[{number}].")
    scenario = Scenario.objects.create(
        key=new.key,
        name=new.name or definition.name,
        summary=new.summary or definition.summary,
        description=new.description or definition.description,
        parameters=dict(new.parameters),
        presets=[dict(preset) for preset in new.presets] or _library_presets(definition),
        policy=new.policy,
        steps=steps,
        seed=new.seed,
        source=new.source,
        grants=None if new.grants is None else sorted(new.grants),
        manifest_digest=new.manifest_digest,
    )
    audit.record("scenario.added", scenario, by=by, key=new.key, source=new.source)
    return scenario


def _library_presets(definition: Definition) -> list[dict[str, Any]]:
    return [
        {"name": preset.key, "title": preset.label, "description": "", "parameters": dict(preset.parameters)}
        for preset in definition.presets
    ]


@transaction.atomic
def change_scenario(*, scenario: Scenario, changes: Mapping[str, Any], by: Member) -> Scenario:
    """Change the words or the defaults of a scenario; plays that began keep theirs."""
    require_builder(by)
    for name, value in changes.items():
        setattr(scenario, name, value)
    defaults = Settings(parameters=scenario.parameters, seed=scenario.seed)
    settle(definition_of(scenario.key), {}, defaults, scenario.steps, scenario.policy)
    scenario.save(update_fields=[*changes, "updated_at"])
    audit.record("scenario.changed", scenario, by=by, fields=sorted(changes))
    return scenario


@transaction.atomic
def remove_scenario(*, scenario: Scenario, by: Member) -> None:
    """Take a scenario out of the workspace. Its plays stay, with all that they need."""
    require_builder(by)
    audit.record("scenario.removed", scenario, by=by)
    scenario.delete()

"""A listing of the kind Scenario becomes a scenario of the workspace with its own defaults."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from marketplace.installs.copying.kinds import Copier, Told, kept_name
from marketplace.installs.needs import Survey
from marketplace.manifest.canonical import as_document
from marketplace.manifest.envelope import ScenarioManifest
from simulations import services as simulations
from simulations.engine.spec import AbmSpec
from simulations.models import Scenario
from tenants.access import Member

FIELDS = ("parameters", "presets", "policy", "steps", "seed")


class Scenarios(Copier[Scenario]):
    label = "simulations.scenario"

    def content(self, manifest: ScenarioManifest, survey: Survey) -> dict[str, Any]:
        new = new_scenario(manifest)
        told = {"parameters": dict(new.parameters), "presets": [dict(each) for each in new.presets]}
        rest = {"policy": new.policy, "steps": new.steps, "seed": new.seed, "description": new.description}
        return {"key": new.key, "definition": dict(new.definition), **told, **rest}

    def make(self, content: dict[str, Any], told: Told, by: Member) -> Scenario:
        new = simulations.NewScenario(
            name=told.title,
            summary=told.summary,
            source=told.origin.source,
            grants=told.origin.grants,
            manifest_digest=told.origin.digest,
            **content,
        )
        return simulations.add_scenario(new=new, by=by)

    def replace(self, copy: Scenario, content: dict[str, Any], told: Told, by: Member) -> None:
        changes = {**content, "name": kept_name(copy.name, told), "summary": told.summary, "source": told.origin.source}
        bound = {"grants": sorted(told.origin.grants), "manifest_digest": told.origin.digest}
        simulations.change_scenario(scenario=copy, changes=changes | bound, by=by)

    def now(self, copy: Scenario) -> dict[str, Any]:
        row = Scenario.objects.get(pk=copy.pk)
        return {"key": row.key, "description": row.description, "definition": row.definition} | {
            name: getattr(row, name) for name in FIELDS
        }

    def keep(self, copy: Scenario, by: Member) -> str:
        name = f"{copy.name} (our copy)"[:120]
        new = simulations.NewScenario(
            name=name,
            summary=copy.summary,
            source=copy.source,
            grants=copy.grants,
            manifest_digest=copy.manifest_digest,
            **self.now(copy),
        )
        return simulations.add_scenario(new=new, by=by).name

    def rows(self, copy: Scenario) -> list[Model]:
        return [copy]

    def remove(self, copy: Scenario, by: Member) -> None:
        simulations.remove_scenario(scenario=copy, by=by)


def new_scenario(manifest: ScenarioManifest) -> simulations.NewScenario:
    scenario = manifest.spec
    if isinstance(scenario, AbmSpec):
        return _whole(manifest, scenario)
    return simulations.NewScenario(
        key=scenario.scenario,
        name=manifest.metadata.title,
        summary=manifest.metadata.summary,
        description=manifest.metadata.description,
        parameters=scenario.parameters,
        presets=[preset.model_dump() for preset in scenario.presets],
        policy=scenario.policy,
        steps=scenario.steps,
        seed=scenario.seed,
        source=manifest.ref,
    )


def _whole(manifest: ScenarioManifest, scenario: AbmSpec) -> simulations.NewScenario:
    """The definition goes into the workspace with it: what the library becomes later changes nothing."""
    document = as_document(manifest)
    return simulations.NewScenario(
        key=manifest.metadata.name,
        definition={name: document[name] for name in ("apiVersion", "kind", "metadata", "spec")},
        name=manifest.metadata.title,
        summary=manifest.metadata.summary,
        description=manifest.metadata.description,
        presets=[preset.model_dump() for preset in scenario.presets],
        policy=scenario.usual_policy,
        steps=scenario.time.max_steps,
        seed=scenario.seed,
        source=manifest.ref,
    )


SCENARIOS = Scenarios()

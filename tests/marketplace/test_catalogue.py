from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents.runtimes.checks import check, check_inputs
from agents.tools.house import TOOLS
from marketplace.manifest.envelope import CrewManifest, Manifest, ScenarioManifest
from marketplace.manifest.reading import read_yaml
from marketplace.manifest.specs import LibraryScenario
from marketplace.manifest.to_workspace import crew_spec
from simulations.engine.parameters import settle_parameters
from simulations.scenarios import catalogue

CATALOGUE = Path(__file__).parents[2] / "marketplace" / "catalogue"
MANIFESTS = [read_yaml(path.read_bytes()) for path in sorted(CATALOGUE.glob("*.yaml"))]
CREWS = [manifest for manifest in MANIFESTS if isinstance(manifest, CrewManifest)]
SCENARIOS = [manifest for manifest in MANIFESTS if isinstance(manifest, ScenarioManifest)]


def name(manifest: Manifest) -> str:
    return manifest.metadata.name


@pytest.mark.parametrize("manifest", CREWS, ids=name)
def test_a_crew_can_run_with_each_of_its_examples(manifest: CrewManifest) -> None:
    spec = crew_spec(manifest)
    assert list(check(spec, tools=TOOLS)) == []
    for example in manifest.inputs.examples:
        assert list(check_inputs(spec, example)) == []


@pytest.mark.parametrize("manifest", CREWS, ids=name)
def test_every_task_repeats_what_it_is_about(manifest: CrewManifest) -> None:
    """A model sees one task at a time; so does the offline provider, which reads the line that names the subject.

    What only sums up the tasks before it names what they were about.
    """
    subjects = tuple(f"{{{name}}}" for name in manifest.inputs.json_schema["required"])
    for task in manifest.spec.tasks:
        first = task.description.splitlines()[0]
        assert first.endswith(subjects), task.name


def test_there_is_enough_to_begin_with() -> None:
    kinds = Counter(manifest.kind for manifest in MANIFESTS)
    assert (kinds["Agent"], kinds["Crew"], kinds["Scenario"]) == (6, 6, 1)


@pytest.mark.parametrize("manifest", SCENARIOS, ids=name)
def test_a_scenario_by_its_key_plays_what_the_library_has(manifest: ScenarioManifest) -> None:
    spec = manifest.spec
    assert isinstance(spec, LibraryScenario)
    definition = catalogue()[spec.scenario]
    for parameters in (spec.parameters, *(preset.parameters for preset in spec.presets)):
        settle_parameters(definition.declared(), parameters)
    assert spec.policy in definition.policies
    for claim in spec.expect:
        settle_parameters(definition.declared(), claim.parameters)
        assert claim.metric in definition.metrics

"""Listings that carry a whole scenario: read, written, compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agents.documents import ManifestError, load
from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.comparing import compare
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.powers import needs_of
from marketplace.manifest.reading import read_json, read_yaml
from marketplace.manifest.schemas import schema_of
from marketplace.manifest.writing import write_yaml
from tests.thorough import only_in_ci

LIBRARY = sorted((Path(__file__).parents[2] / "simulations" / "scenarios").glob("*.yaml"))
SAMPLE = {"beer-game", "trading-floor"}
SIR = next(path for path in LIBRARY if path.stem == "sir").read_text()


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=() if path.stem in SAMPLE else only_in_ci) for path in LIBRARY],
)
def test_the_library_goes_through_every_form_unchanged(path: Path) -> None:
    manifest = read_yaml(path.read_bytes())
    stored = read_json(json.loads(json.dumps(as_document(manifest), sort_keys=True)))
    written = read_yaml(write_yaml(stored))
    assert digest(manifest) == digest(stored) == digest(written)
    assert written == manifest
    assert list(written.spec.archetypes) == list(manifest.spec.archetypes)  # type: ignore[attr-defined]
    assert list(written.spec.actions) == list(manifest.spec.actions)  # type: ignore[attr-defined]
    assert (manifest.metadata.namespace, manifest.kind) == ("guildhall", "Scenario")
    assert manifest.spec.expect  # type: ignore[attr-defined]


def test_the_published_schema_knows_it() -> None:
    validator = Draft202012Validator(schema_of("Scenario"))
    assert list(validator.iter_errors(load(SIR).value)) == []
    wrong = load(SIR.replace("space: none", "space: sphere")).value
    assert list(validator.iter_errors(wrong)) != []


def test_faults_of_the_scenario_and_of_the_listing_are_told_together() -> None:
    with pytest.raises(ManifestError) as refused:
        read_yaml(SIR.replace("license: Apache-2.0", "license: mine").replace("do: go_out", "do: fly"))
    found = {problem.field: problem.line for problem in refused.value.problems}
    assert set(found) == {"metadata.license", "spec.policies.rule.choose[0].do"}
    assert all(found.values())


def test_a_policy_that_asks_a_model_needs_the_permission() -> None:
    manifest = read_yaml(SIR)
    assert set(needs_of(manifest.spec)) == {"compute", "model:any"}
    without = "\n".join(line for line in SIR.splitlines() if "kind: model, provider" not in line)
    with pytest.raises(ManifestError, match="model:any is missing, though its policy “llm” asks a model"):
        read_yaml(without)


def test_words_alone_are_a_patch() -> None:
    assert compare(read_yaml(SIR), changed("label: People}", "label: Persons}")).level == "minor"
    difference = compare(read_yaml(SIR), changed("how many would go out today", "how many of them would go out today"))
    assert [change.path for change in difference.prompts] == ["spec.policies.llm.prompt"]
    assert difference.level == "patch"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("max: 1000000,", "max: 1000,", "The parameter “population” takes less than before."),
        ("budget: {calls: 60}", "budget: {calls: 6000}", "may take up to 6,000 model calls instead of 60 model calls"),
    ],
)
def test_what_makes_a_major_version(old: str, new: str, reason: str) -> None:
    text = SIR.replace("default: 20000,", "default: 500,")
    difference = compare(read_yaml(text), read_yaml(text.replace(old, new)))
    assert difference.level == "major"
    assert any(reason in told for told in difference.reasons)


def changed(old: str, new: str) -> Manifest:
    assert old in SIR
    return read_yaml(SIR.replace(old, new))

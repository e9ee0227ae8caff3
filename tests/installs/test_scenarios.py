"""A scenario that a listing carries whole: in the workspace with its definition, updated, remixed, and out again as it came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.documents import load
from marketplace.drafts.sources import source_of
from marketplace.installs.services import Wish, update_installation
from marketplace.manifest.canonical import as_document
from marketplace.manifest.from_workspace import About
from marketplace.manifest.reading import read_json, read_yaml
from marketplace.models import ListingVersion
from marketplace.remixing.services import remix_listing
from simulations import services
from simulations.manifests import manifest_of, read_scenario
from simulations.models import Scenario
from tenants.access import Member
from tenants.errors import Conflict, Forbidden
from tenants.models import Tenant
from tests.installs.conftest import Install
from tests.installs.shelf import codes_of, offer

SIR = Path(__file__).parents[2] / "simulations" / "scenarios" / "sir.yaml"


def written(version: str = "1.0.0", old: str = "", new: str = "") -> dict[str, Any]:
    text = SIR.read_text().replace("version: 1.0.0", f"version: {version}")
    assert old in text
    return as_document(read_yaml(text.replace(old, new) if old else text))


def test_its_definition_comes_with_it(install: Install) -> None:
    version = offer(written())
    scenario = Scenario.objects.get(installation=install(version))
    assert (scenario.key, scenario.version, scenario.policy, scenario.steps) == ("sir-epidemic", "1.0.0", "rule", 500)
    assert scenario.grants == ["compute", "model:any"]
    assert scenario.manifest_digest == version.digest
    assert read_scenario(scenario.definition) == read_scenario(SIR.read_text())
    assert [preset["name"] for preset in scenario.presets] == ["mild", "flu", "strong", "below"]


def test_what_goes_out_is_what_came_in(install: Install, alice_at_acme: Member) -> None:
    manifest = read_json(written())
    scenario = Scenario.objects.get(installation=install(offer(written())))
    told = written()
    about = About(**{name: told[name] for name in ("metadata", "disclosure", "permissions", "limits")})
    document = source_of(alice_at_acme, "scenario", scenario.pk).compose(about)
    assert read_json(document).spec == manifest.spec
    assert read_json(document).permissions == manifest.permissions


def test_a_newer_version_takes_the_place_of_the_definition(install: Install, alice_at_acme: Member) -> None:
    there = install(offer(written()))
    newer = offer(written("1.1.0", "default: 2.0,", "default: 2.5,"))
    update_installation(installation=there, version=newer, by=alice_at_acme, wish=Wish())
    scenario = Scenario.objects.get(installation=there)
    assert (scenario.version, read_scenario(scenario.definition).parameters["r0"].default) == ("1.1.0", 2.5)


def test_what_was_written_anew_here_is_noticed(install: Install, alice_at_acme: Member) -> None:
    there = install(offer(written()))
    scenario = Scenario.objects.get(installation=there)
    manifest = manifest_of(scenario)
    manifest["spec"]["parameters"]["recovery"]["default"] = 0.5
    services.rewrite_scenario(scenario=scenario, text=manifest, by=alice_at_acme)
    newer = offer(written("1.1.0", "default: 2.0,", "default: 2.5,"))
    with pytest.raises(Conflict, match="changed here"):
        update_installation(installation=there, version=newer, by=alice_at_acme, wish=Wish())


def test_a_remix_names_its_origin(in_acme: Tenant, alice_at_acme: Member) -> None:
    version = offer(written())
    whole = ListingVersion.objects.select_related("listing").get(pk=version.pk)
    made = remix_listing(version=whole, by=alice_at_acme, wish=Wish(grants=codes_of(version)))
    assert isinstance(made, Scenario)
    assert (made.name, made.source) == ("An epidemic (SIR) (remix)", "guildhall/sir-epidemic@1.0.0")
    origin = source_of(alice_at_acme, "scenario", made.pk).origin
    assert origin == {"ref": "guildhall/sir-epidemic@1.0.0", "digest": version.digest}


def test_models_are_asked_with_leave_only(in_acme: Tenant, alice_at_acme: Member) -> None:
    definition = {name: part for name, part in load(SIR.read_text()).value.items() if name in {"metadata", "spec"}}
    new = services.NewScenario(key="sir", definition=definition, grants=["compute"], policy="rule")
    scenario = services.add_scenario(new=new, by=alice_at_acme)
    small: dict[str, Any] = {"parameters": {"population": 100, "first_cases": 5}, "steps": 3}
    for policy in ("llm", "hybrid"):
        settings = services.Settings(**small, policy=policy)
        with pytest.raises(Forbidden, match="without a permission to call a language model"):
            services.create_simulation(scenario=scenario, settings=settings, start=False, by=alice_at_acme)
    settings = services.Settings(**small)
    play = services.create_simulation(scenario=scenario, settings=settings, start=False, by=alice_at_acme)
    assert (play.policy, play.definition["metadata"]["name"]) == ("rule", "sir-epidemic")

"""Two runs side by side."""

from __future__ import annotations

import re
from decimal import Decimal

from rest_framework.test import APIClient

from projects.models import ModelCall, Run
from tenants.models import Tenant, User
from tests.agents.conftest import fields, sending_json
from tests.branching.conftest import RUNS, went_off
from tests.conftest import ApiOf, ClientOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Say


def test_outputs_figures_and_definitions(api: APIClient, parent: Run, model: FakeLLM) -> None:
    model.set_script(lambda seen: Say(f"Better result of {asked_for(seen)}.", usage=(60, 4)))
    edits = {
        "tasks": {"t2": {"description": "Do t2. In verse.", "llm": "fake-2"}},
        "agents": {"writer": {"goal": "Be brief."}},
    }
    run = went_off(api, parent, "branch", task="t2", edits=edits)
    found = api.get(f"{RUNS}compare/", {"a": str(parent.pk), "b": str(run.pk)}).json()
    first, second, _third = found["tasks"]
    assert (first["task"], first["same"], first["b"]["state"], first["b"]["figures"]["tokens"]) == (
        "t1",
        True,
        "taken_over",
        0,
    )
    assert (second["same"], second["defined_otherwise"]) == (False, ["description", "llm", "agent.goal"])
    assert second["diff"] == [
        {"change": "removed", "text": "Result "},
        {"change": "added", "text": "Better result "},
        {"change": "same", "text": "of t2."},
    ]
    assert (second["a"]["figures"]["tokens"], second["b"]["figures"]["tokens"], second["delta"]["tokens"]) == (
        110,
        64,
        -46,
    )
    assert second["a"]["model"] == "fake-1"
    assert {name: figures["tokens"] for name, figures in found["totals"].items()} == {"a": 330, "b": 128, "delta": -202}
    assert found["totals"]["delta"]["seconds"] != 0
    assert (found["same_output"], found["b"]["parent"]) == (False, str(parent.pk))


def test_money_is_exact(api: APIClient, parent: Run) -> None:
    other = Run.objects.get(pk=parent.pk)
    Run.objects.filter(pk=parent.pk).update(cost=Decimal("0.000003"))
    found = api.get(f"{RUNS}compare/", {"a": str(other.pk), "b": str(parent.pk)}).json()
    assert found["totals"]["a"]["cost"] == 0.000003
    assert found["totals"]["delta"]["cost"] == 0.0
    assert ModelCall.objects.filter(run=parent).count() == 3


def test_two_runs_must_be_named_and_be_of_this_workspace(
    api: APIClient, api_of: ApiOf, mallory: User, victor: User, parent: Run, acme: Tenant
) -> None:
    both = {"a": str(parent.pk), "b": str(parent.pk)}
    assert fields(api.get(f"{RUNS}compare/", {"a": str(parent.pk)})) == [("b", "uuid")]
    assert api.get(f"{RUNS}compare/", {**both, "b": "0193a1f0-0000-7000-8000-000000000001"}).status_code == 404
    assert sending_json(api_of(victor)).get(f"{RUNS}compare/", both).status_code == 200
    mallorys = sending_json(api_of(mallory))
    assert mallorys.get(f"{RUNS}compare/", both).status_code == 404
    assert mallorys.get("/w/globex/api/v1/runs/compare/", both).status_code == 404


def test_the_page(client_of: ClientOf, alice: User, api: APIClient, parent: Run, model: FakeLLM) -> None:
    model.set_script([Say("By another.")])
    run = went_off(api, parent, "branch", task="t3")
    client = client_of(alice)
    page = client.get("/w/acme/runs/compare/", {"a": str(parent.pk), "b": str(run.pk)}).content.decode()
    assert "<del>Result of t3.</del><ins>By another.</ins>" in page
    assert [" ".join(pill.split()) for pill in re.findall(r"</svg>([^<]+)</span>", page)].count("Succeeded") == 2
    chooser = client.get("/w/acme/runs/compare/", {"a": str(parent.pk)}).content.decode()
    assert f"?a={parent.pk}&amp;b={run.pk}" in chooser

"""What a run would take, before it starts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.llm.choose import forget_probes
from agents.models import Crew
from agents.services import create_crew, start_crew_run
from agents.sizing import Range, sizes_of
from agents.tools.house import TOOLS
from projects.models import ModelCall, Run
from tenants.access import Member
from tenants.models import Tenant, User
from tests.agents.conftest import API, fields
from tests.conftest import ClientOf
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import FakeLLM

ESTIMATE = f"{API}runs/estimate/"


def a_past_run(relay: Crew, by: Member, *, tokens: int, calls: int = 3, model: str = "fake-1", **more: Any) -> Run:
    run = start_crew_run(crew=relay, inputs={"topic": "tides"}, by=by)
    now = timezone.now()
    done = {
        "status": "succeeded",
        "provider": "openai",
        "model": model,
        "prompt_tokens": tokens,
        "cost": Decimal("0.5"),
    }
    Run.objects.filter(pk=run.pk).update(started_at=now - timedelta(seconds=12), finished_at=now, **done | more)
    for number in range(calls):
        ModelCall.objects.create(
            run=run,
            key=f"t/a/m{number}",
            task="t",
            agent="a",
            request_hash="",
            request={},
            reply={},
            provider="openai",
            model=model,
        )
    return run


def test_from_the_definition(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    answer = api.post(ESTIMATE, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 200, answer.data
    found = answer.data
    assert (found["basis"], found["runs"], found["provider"], found["model"]) == ("definition", 0, "openai", "fake-1")
    assert found["calls"] == {
        "low": 3.0,
        "likely": 5.0,
        "high": 27.0,
    }  # two plain tasks, and one with a tool, at most 25 rounds
    assert found["tokens"]["low"] < found["tokens"]["likely"] < found["tokens"]["high"]
    assert found["usd"] is None  # nobody knows what fake-1 costs


def test_a_known_price_gives_a_range_of_cost(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, settings: Settings
) -> None:
    settings.LLM = settings.LLM | {"openai_model": "gpt-5-mini"}
    forget_probes()
    found = api.post(ESTIMATE, {"crew": str(relay.pk)}).data
    assert found["model"] == "gpt-5-mini"
    assert 0 < found["usd"]["low"] < found["usd"]["likely"] < found["usd"]["high"] < 5


def test_from_its_own_runs_once_there_are_three(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    a_past_run(relay, alice_at_acme, tokens=1_000)
    a_past_run(relay, alice_at_acme, tokens=3_000, calls=5)
    a_past_run(relay, alice_at_acme, tokens=9_000, model="other")
    a_past_run(relay, alice_at_acme, tokens=9_000, status="failed", stop_detail="No.")
    assert api.post(ESTIMATE, {"crew": str(relay.pk)}).data["basis"] == "definition"
    a_past_run(relay, alice_at_acme, tokens=2_000)
    found = api.post(ESTIMATE, {"crew": str(relay.pk)}).data
    assert (found["basis"], found["runs"]) == ("past_runs", 3)
    assert found["tokens"] == {"low": 1_000.0, "likely": 2_000.0, "high": 3_000.0}
    assert found["calls"] == {"low": 3.0, "likely": 3.0, "high": 5.0}
    assert found["seconds"] == {"low": 12.0, "likely": 12.0, "high": 12.0}


def test_an_agent_alone(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    one = relay.places.get(agent__name="writer").agent
    found = api.post(ESTIMATE, {"agent": str(one.pk), "inputs": {"task": "Write."}}).data
    assert found["calls"] == {"low": 1.0, "likely": 1.0, "high": 1.0}


def test_one_thing_is_named(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    assert fields(api.post(ESTIMATE, {})) == [("crew", "one_of")]
    assert api.post(ESTIMATE, {"crew": "00000000-0000-7000-8000-000000000000"}).status_code == 404


def test_it_starts_nothing(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    api.post(ESTIMATE, {"crew": str(relay.pk)})
    assert not Run.objects.exists()
    assert model.ledger() == []


@pytest.mark.parametrize(
    ("more", "calls"),
    [
        ({}, Range(1, 1, 1)),
        ({"guardrail": "No adjectives."}, Range(2, 2, 8)),
        ({"guardrail": "No adjectives.", "guardrail_max_retries": 0}, Range(2, 2, 2)),
    ],
)
def test_a_guardrail_adds_checks_and_tries(more: dict[str, Any], calls: Range) -> None:
    spec = crew(agent("writer"), task("t1", "writer", **more))
    assert [size.calls for size in sizes_of(spec, TOOLS)] == [calls]


def test_a_longer_chain_reads_more() -> None:
    tasks = [task(f"t{n}", "writer") for n in range(3)]
    spec = crew(agent("writer"), *tasks, task("alone", "writer", context=()))
    prompts = [size.prompt.likely for size in sizes_of(spec, TOOLS)]
    assert prompts[1] - prompts[0] == prompts[2] - prompts[1] == 400
    assert prompts[3] == pytest.approx(prompts[0], abs=10)


def test_the_crew_s_page_says_it(
    client_of: ClientOf, alice: User, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    made = create_crew(spec=crew(agent("writer"), task("t1", "writer")), by=alice_at_acme)
    page = " ".join(client_of(alice).get(f"/w/acme/crews/{made.pk}/").content.decode().split())
    assert "About 1 model call," in page
    assert "not known: this model has no price here" in page

"""A crew's own bounds: a run that has used them up stops before the next model call, and says which it was."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Crew
from projects.models import Run
from tenants.models import Tenant
from tests.agents.conftest import API, play
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Say

RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def start(api: APIClient, crew: Crew, **more: object) -> Run:
    answer = api.post(RUNS, {"crew": str(crew.pk), "inputs": {"topic": "tides"}, **more})
    assert answer.status_code == 202, answer.data
    return Run.objects.get(pk=answer.data["id"])


@pytest.mark.parametrize(
    ("limits", "asked", "detail"),
    [
        ({"model_calls": 2}, ["t1", "t2"], "The limit of its crew is 2 model calls, of which 2 model calls are used;"),
        ({"tokens": 350}, ["t1", "t2"], "The limit of its crew is 350 tokens, of which 220 tokens are used;"),
    ],
)
def test_it_stops_before_the_next_call(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, limits: dict[str, int], asked: list[str], detail: str
) -> None:
    Crew.objects.filter(pk=relay.pk).update(limits=limits)
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(100, 10)))
    run = play(start(api, relay))
    assert (run.status, run.stop_reason) == ("over_budget", "crew_limit")
    assert detail in run.stop_detail
    assert [asked_for(seen) for seen in model.ledger()] == asked
    assert [step.task for step in run.steps.all()] == asked


def test_a_run_that_needs_just_as_much_succeeds(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    Crew.objects.filter(pk=relay.pk).update(limits={"model_calls": 3, "tokens": 700})
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(100, 10)))
    assert play(start(api, relay)).status == "succeeded"


def test_its_time_is_the_shorter_of_what_is_asked_and_what_it_may_take(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    Crew.objects.filter(pk=relay.pk).update(limits={"seconds": 60})
    assert start(api, relay).seconds_allowed == 60
    assert start(api, relay, seconds_allowed=300).seconds_allowed == 60
    assert start(api, relay, seconds_allowed=20).seconds_allowed == 20
    refused = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}, "seconds_allowed": 999_999})
    assert refused.status_code == 400
    assert api.get(f"{API}crews/{relay.pk}/").data["limits"] == {
        "seconds": 60,
        "model_calls": 0,
        "tokens": 0,
        "usd": 0.0,
    }

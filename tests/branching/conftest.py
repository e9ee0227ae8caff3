"""A crew of three tasks in a row that has run, and the model server that counts what is asked."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Crew
from projects.models import Run
from tests.agents.conftest import API, api, model, play, relay
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Say

__all__ = ["api", "model", "relay"]
RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def parent(api: APIClient, relay: Crew, model: FakeLLM) -> Run:
    """It succeeded; the model says `Result of t1.` and so on. The server's ledger is empty afterwards."""
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(100, 10)))
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 202, answer.data
    run = play(Run.objects.get(pk=answer.data["id"]))
    assert run.status == "succeeded", run.stop_detail
    model.reset()
    return run


def outputs(run: Run) -> dict[str, str]:
    return dict(run.steps.values_list("task", "output"))


def went_off(api: APIClient, run: Run, path: str, **sent: object) -> Run:
    """Start another run from `run` and carry it out."""
    answer = api.post(f"{RUNS}{run.pk}/{path}/", sent or None)
    assert answer.status_code == 202, answer.data
    return play(Run.objects.get(pk=answer.data["id"]))

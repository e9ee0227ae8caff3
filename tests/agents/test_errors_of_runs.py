"""An error of a run names the run, the agent and the request that started it: in the API, on the page and in the log."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Crew
from projects.models import Run
from tenants.models import Tenant, User
from tests.agents.conftest import API, play
from tests.conftest import ClientOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def test_an_error_names_run_agent_and_request(
    in_acme: Tenant,
    api: APIClient,
    relay: Crew,
    model: FakeLLM,
    client_of: ClientOf,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def script(seen: Seen) -> Step:
        if seen.number == 0:
            return Fault(status=503)
        return Fault(status=400) if asked_for(seen) == "t3" else Say("Fine.")

    model.set_script(script)
    started = api.post(f"{API}runs/", {"crew": str(relay.pk), "inputs": {"topic": "ports"}})
    run = play(Run.objects.get(pk=started.data["id"]))
    assert (run.status, run.request_id) == ("failed", started["X-Request-Id"])

    listed = api.get(f"{API}faults/?run={run.pk}").data["results"]
    told = [(each["task"], each["agent"], each["how"], each["request_id"]) for each in listed]
    assert told == [("t3", "editor", "", run.request_id), ("t1", "writer", "retry", run.request_id)]
    page = client_of(alice).get("/w/acme/settings/errors/").content.decode()
    assert page.count(run.request_id) == 2
    lines = [record.getMessage() for record in caplog.records if record.name == "guildhall.faults"]
    assert f"run {run.pk}, agent editor, request {run.request_id}" in lines[-1]

    again = api.post(f"{API}runs/{run.pk}/retry/")
    assert again.status_code in {201, 202}, again.data
    assert Run.objects.get(pk=again.data["id"]).request_id == again["X-Request-Id"] != run.request_id

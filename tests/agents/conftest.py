"""Alice's program at Acme, and a model server that the runs of a test ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.llm.choose import forget_probes
from agents.models import Crew
from agents.services import create_crew
from projects.models import Run
from projects.work import leases, tasks
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

API = "/w/acme/api/v1/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return sending_json(api_of(alice))


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeLLM]:
    """The model that answers in this test."""
    with FakeLLM() as server:
        settings.LLM = dict.fromkeys(settings.LLM, "") | {
            "openai_base_url": server.openai_url,
            "openai_model": "fake-1",
        }
        forget_probes()
        yield server
    forget_probes()


@pytest.fixture
def relay(in_acme: Tenant, alice_at_acme: Member) -> Crew:
    """Three tasks in a row, by two agents."""
    spec = crew(
        agent("writer"),
        agent("editor", tools=("calculator",)),
        task("t1", "writer", description="Do t1. About {topic}."),
        task("t2", "writer"),
        task("t3", "editor"),
    )
    return create_crew(spec=spec.model_copy(update={"name": "Relay"}), by=alice_at_acme)


def sending_json(client: APIClient) -> APIClient:
    client.default_format = "json"
    return client


def play(run: Run) -> Run:
    """Carry the queued run out, as a worker would."""
    with enter(PUBLIC):
        lease = leases.claim(["crews"])
        assert lease is not None
        assert lease.object_id == run.pk
        tasks.carry_out(lease)
    run.refresh_from_db()
    return run


def fields(answer: Any) -> list[tuple[str, str]]:
    """Field and code of each error in a refusal."""
    assert answer["content-type"] == "application/problem+json", answer.data
    return [(error["field"], error["code"]) for error in answer.data["errors"]]


def let_call(model: FakeLLM, *calls: Call) -> None:
    """The model makes these calls, one after the other, and then repeats what the last tool said."""
    left = list(calls)

    def answer(seen: Seen) -> Say:
        if left and seen.tools:
            return Say(calls=[left.pop(0)])
        last = seen.messages[-1]
        return Say(str(last["content"]) if last["role"] == "tool" else "done")

    model.set_script(answer)

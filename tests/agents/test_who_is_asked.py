"""Whom a run asks while the workspace's providers change under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django import Settings

from agents.connections import gateways
from agents.connections.models import Connection
from agents.connections.services import create_connection, delete_connection, update_connection
from agents.llm.choose import forget_probes
from agents.models import Crew
from agents.services import start_crew_run
from projects.models import Run
from tenants.access import Member
from tenants.context import enter
from tenants.models import Tenant
from tests.agents.conftest import play
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def house(settings: Settings, model: FakeLLM) -> Iterator[Callable[[], FakeLLM]]:
    """Opens model servers that the operator lets in; `model` is the operator's own."""
    gateways.forget()
    opened: list[FakeLLM] = []

    def another() -> FakeLLM:
        opened.append(FakeLLM(lambda seen: f"Result of {asked_for(seen)}.").start())
        settings.LOCAL_MODEL_HOSTS = [urlsplit(server.url).netloc for server in opened]
        return opened[-1]

    yield another
    for server in opened:
        server.stop()
    gateways.forget()


def provider(server: FakeLLM, by: Member, name: str = "First", **more: Any) -> Connection:
    fields = {"name": name, "provider": "openai", "base_url": server.openai_url, "model": "fake-1", **more}
    return create_connection(fields=fields, by=by)


def during(server: FakeLLM, task: str, act: Callable[[], object]) -> None:
    """Do it while the server is asked for this task, before it answers."""

    def answer(seen: Seen) -> Step:
        if asked_for(seen) == task:
            with enter("t_acme"):
                act()
            connection.close()
        return f"Result of {asked_for(seen)}."

    server.set_script(answer)


def a_run(relay: Crew, by: Member) -> Run:
    return play(start_crew_run(crew=relay, inputs={"topic": "tides"}, by=by))


def tasks_of(server: FakeLLM) -> list[str]:
    return [asked_for(seen) for seen in server.ledger()]


House = Callable[[], FakeLLM]


def test_one_that_was_taken_away_is_asked_no_more(
    in_acme: Tenant, relay: Crew, house: House, alice_at_acme: Member
) -> None:
    """However long the run takes: its key may have leaked."""
    first, second = house(), house()
    gone = provider(first, alice_at_acme)
    provider(second, alice_at_acme, "Second")
    during(first, "t1", lambda: delete_connection(connection=gone, by=alice_at_acme))
    run = a_run(relay, alice_at_acme)
    assert (run.status, run.output) == ("succeeded", "Result of t3.")
    assert (tasks_of(first), tasks_of(second)) == (["t1"], ["t2", "t3"])


def test_where_nobody_is_left_nobody_else_is_asked(
    in_acme: Tenant, relay: Crew, model: FakeLLM, house: House, alice_at_acme: Member
) -> None:
    """The operator's model is not what this workspace chose."""
    first = house()
    gone = provider(first, alice_at_acme)
    changes = {"is_enabled": False}
    during(first, "t1", lambda: update_connection(connection=gone, changes=changes, by=alice_at_acme))
    run = a_run(relay, alice_at_acme)
    assert (run.status, run.stop_reason, run.stop_detail) == ("failed", "credential_refused", gateways.NOBODY_LEFT)
    assert (tasks_of(first), tasks_of(model)) == (["t1"], [])


def test_a_new_key_is_used_from_the_next_call_on(
    in_acme: Tenant, relay: Crew, house: House, alice_at_acme: Member
) -> None:
    first = house()
    kept = provider(first, alice_at_acme, credential="sk-old-0123456789")
    changes = {"credential": "sk-new-0123456789"}
    during(first, "t1", lambda: update_connection(connection=kept, changes=changes, by=alice_at_acme))
    assert a_run(relay, alice_at_acme).status == "succeeded"
    sent = [seen.headers["authorization"] for seen in first.ledger()]
    assert sent == ["Bearer sk-old-0123456789"] + ["Bearer sk-new-0123456789"] * 2


def test_no_stand_in_fills_in_for_a_model_that_is_away(
    in_acme: Tenant, relay: Crew, model: FakeLLM, settings: Settings, alice_at_acme: Member
) -> None:
    """The operator's Ollama was chosen when the run began; when it fails the run waits for it and quotes nobody."""
    settings.LLM = dict.fromkeys(settings.LLM, "") | {"ollama_url": model.url, "probe_seconds": 60.0}
    settings.PROVIDER_PATIENCE_SECONDS = 90.0
    forget_probes()
    failures = [Fault(status=503)] * 2

    def answer(seen: Seen) -> Step:
        if asked_for(seen) == "t2" and failures:
            model.models = []  # whoever looked now would find no model here
            forget_probes()
            return failures.pop()
        return Say(f"Result of {asked_for(seen)}.")

    model.set_script(answer)
    run = a_run(relay, alice_at_acme)
    assert (run.status, run.output, run.provider) == ("succeeded", "Result of t3.", "ollama")
    assert set(run.model_calls.values_list("provider", flat=True)) == {"ollama"}


@pytest.mark.parametrize(
    ("status", "reason", "advice"),
    [
        (401, "credential_refused", "Check its key, and the credit of its account, under Settings, Providers."),
        (404, "model_not_found", "Choose a model that it has, at the agent or under Settings, Providers."),
    ],
)
def test_a_run_that_nobody_answers_says_what_to_do(
    in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member, status: int, reason: str, advice: str
) -> None:
    model.set_script(lambda _: Fault(status=status))
    run = a_run(relay, alice_at_acme)
    assert (run.status, run.stop_reason) == ("failed", reason)
    assert run.stop_detail.endswith(f" ({status}): The scripted server says no. {advice}")

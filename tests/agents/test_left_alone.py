"""A run whose back ends are all left alone for some seconds waits for them instead of failing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from agents.execution.calling import Caller
from agents.llm.providers.ollama import Ollama
from agents.llm.types import BadReply, CircuitOpen, Reply
from agents.runtimes.outcome import CallId
from projects.ledger import Ledger, RunStopped
from projects.models import ModelCall, Run
from projects.services import cancel_run
from tenants.access import Member
from tenants.context import enter
from tenants.models import Tenant
from tests.llm.conftest import PATIENT, ask, through
from tests.llm.guarding import Breaker
from tests.projects.runs import a_ledger, a_run
from tests.servers.llm import FakeLLM, Fault, Say

CALL = CallId("t1", "Reader", 1)


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture(autouse=True)
def _patient(settings: Settings) -> None:
    settings.PROVIDER_PATIENCE_SECONDS = 90.0


@pytest.fixture
def server() -> Iterator[FakeLLM]:
    with FakeLLM(["Here I am."]) as server:
        yield server


async def asked(ledger: Ledger, server: FakeLLM, breaker: Breaker, **more: Any) -> Reply:
    ledger.join(asyncio.get_running_loop())
    caller = Caller(ledger, through(Ollama(server.url, model="fake-1", limits=PATIENT), breaker=breaker))
    try:
        return await caller(replace(ask(), **more), call=CALL)
    finally:
        await ledger.saved()
        ledger.leave()
        await caller.close()


def test_it_waits_until_one_may_be_asked_again(server: FakeLLM, in_acme: Tenant, alice_at_acme: Member) -> None:
    a_run(alice_at_acme)
    breaker = Breaker(["ollama"], retry_after=0.1, mends_after=2)
    assert asyncio.run(asked(a_ledger(), server, breaker)).text == "Here I am."
    assert (breaker.refusals, len(server.ledger()), ModelCall.objects.count()) == (2, 1, 1)


def test_it_waits_no_longer_than_it_may(
    server: FakeLLM, in_acme: Tenant, alice_at_acme: Member, settings: Settings
) -> None:
    settings.PROVIDER_PATIENCE_SECONDS = 0.5
    a_run(alice_at_acme)
    with pytest.raises(CircuitOpen):
        asyncio.run(asked(a_ledger(), server, Breaker(["ollama"], retry_after=0.2)))
    assert server.ledger() == []


def test_a_cancelled_run_does_not_wait_on(server: FakeLLM, in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    threading.Timer(0.3, cancel, (run, alice_at_acme)).start()
    began = time.monotonic()
    with pytest.raises(RunStopped, match="Cancelled"):
        asyncio.run(asked(ledger, server, Breaker(["ollama"], retry_after=80.0)))
    assert time.monotonic() - began < 60


def cancel(run: Run, by: Member) -> None:
    with enter("t_acme"):
        cancel_run(run=run, by=by)
    connection.close()


def test_a_provider_that_comes_back_after_some_attempts_is_waited_for(in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    with FakeLLM([Fault(status=500), Fault(status=503), Fault(status=500), "Back again."]) as server:
        assert asyncio.run(asked(a_ledger(), server, Breaker([]))).text == "Back again."
    assert ModelCall.objects.count() == 1
    told = run.events.filter(type="model.waiting").values_list("data", flat=True)
    assert [line["code"] for line in told] == ["provider_overloaded"] * len(told)
    assert 1 <= len(told) <= 2


def test_what_is_no_answer_is_asked_for_again_and_not_for_ever(in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    with FakeLLM([Fault("malformed"), Fault("truncated"), Fault("html"), "At last."]) as server:
        assert asyncio.run(asked(a_ledger(), server, Breaker([]))).text == "At last."
    told = run.events.filter(type="model.waiting").values_list("data", flat=True)
    assert [line["code"] for line in told] == ["bad_reply"]


def test_what_never_is_an_answer_is_given_up(in_acme: Tenant, alice_at_acme: Member) -> None:
    a_run(alice_at_acme)
    with FakeLLM(lambda _: Fault("malformed")) as server, pytest.raises(BadReply):
        asyncio.run(asked(a_ledger(), server, Breaker([])))
    assert len(server.ledger()) <= 6


def test_what_was_charged_while_everybody_was_away_is_on_the_run(in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    with FakeLLM([Fault("stream_error"), Fault("stream_error"), Say("Back again.", usage=(11, 2))]) as server:
        reply = asyncio.run(asked(a_ledger(), server, Breaker([])))
    run.refresh_from_db()
    assert run.prompt_tokens == reply.usage.prompt_tokens == 3 * 11


def test_what_a_failed_call_cost_is_on_the_run(in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    misfits = [Say("no JSON", usage=(50, 5))] * 12
    with FakeLLM(misfits) as server, pytest.raises(BadReply) as failed:
        asyncio.run(asked(a_ledger(), server, Breaker([]), response_schema={"type": "object", "required": ["a"]}))
    run.refresh_from_db()
    paid = failed.value.usage
    assert paid.prompt_tokens >= 50
    assert (run.prompt_tokens, run.completion_tokens) == (paid.prompt_tokens, paid.completion_tokens)

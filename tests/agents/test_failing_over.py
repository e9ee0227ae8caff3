"""Who answered a run when the first of its providers did not, and what is said of those that failed."""

from __future__ import annotations

import asyncio

import pytest
from pytest_django import Settings

from agents.execution.calling import Caller
from agents.llm.gateway import Gateway
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import CircuitOpen, Reply
from agents.runtimes.outcome import CallId
from projects.faults.models import Fault as FaultRow
from projects.ledger import Ledger
from tenants.access import Member
from tenants.models import Tenant
from tests.llm.conftest import PATIENT, ask, through
from tests.llm.guarding import Breaker
from tests.projects.runs import a_ledger, a_run
from tests.servers.llm import FakeLLM, Fault, Seen


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


async def asked(ledger: Ledger, gateway: Gateway) -> Reply:
    ledger.join(asyncio.get_running_loop())
    caller = Caller(ledger, gateway)
    try:
        return await caller(ask(), call=CallId("t1", "Reader", 1))
    finally:
        await ledger.saved()
        ledger.leave()
        await caller.close()


def test_the_run_names_who_answered_and_the_list_of_errors_who_did_not(in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    ledger.served_by("openai", "fake-1")  # the first of the chain, as a run says while it begins
    with FakeLLM(lambda _: Fault(status=401)) as refusing, FakeLLM(["Here I am."]) as answering:
        first = OpenAI(base_url=refusing.openai_url, model="fake-1", api_key="sk-a", limits=PATIENT)
        second = Ollama(answering.url, model="fake-2", limits=PATIENT)
        asyncio.run(asked(ledger, through(first, second)))
    run.refresh_from_db()
    assert (run.provider, run.model) == ("ollama", "fake-2")
    [fault] = FaultRow.objects.filter(run_id=run.pk)
    assert (fault.category, fault.code, fault.how) == ("auth", "credential_refused", "failover")
    assert fault.detail.endswith("fake-2 (ollama) answered instead.")
    assert "(401)" in fault.detail


def test_that_nobody_is_asked_any_more_is_said_with_what_came_before(
    in_acme: Tenant, alice_at_acme: Member, settings: Settings
) -> None:
    settings.PROVIDER_PATIENCE_SECONDS = 60.0
    a_run(alice_at_acme)
    breaker = Breaker([], retry_after=80.0)

    def fail(seen: Seen) -> Fault:
        if seen.number == 1:
            breaker.broken.add("ollama")
        return Fault(status=503)

    with FakeLLM(fail) as server, pytest.raises(CircuitOpen) as given_up:
        asyncio.run(asked(a_ledger(), through(Ollama(server.url, model="fake-1", limits=PATIENT), breaker=breaker)))
    assert "Before that: " in given_up.value.detail
    assert "(503)" in given_up.value.detail
    assert len(server.ledger()) == 2

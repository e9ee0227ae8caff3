"""Questions of a play to the workspace's models: answered, counted, within budgets, refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from pytest_django import Settings

from agents.connections.gateways import NOBODY_LEFT
from agents.connections.services import create_connection, delete_connection
from projects.budgets.models import Account
from projects.work import leases
from simulations.engine.decisions import ModelFailed, Question
from simulations.models import Simulation
from simulations.ports.models import MOST_ANSWER_TOKENS, GatewayModels
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tests.budgets.conftest import a_budget, account_of
from tests.servers.llm import FakeLLM, Fault, Say
from tests.simulations.conftest import Begin
from tests.simulations.ports.conftest import MeterOf, books

SCHEMA = {
    "type": "object",
    "properties": {"move": {"type": "number"}, "stay": {"type": "number"}},
    "required": ["move", "stay"],
    "additionalProperties": False,
}
ASKED = Question("You live in a town.", "Three of eight neighbours are like you. Move or stay?", SCHEMA)


def test_an_answer_is_decoded_and_stands_in_the_books_of_the_play(
    ready: Simulation, meter_of: MeterOf, model: FakeLLM
) -> None:
    model.set_script([Say('{"move": 0.7, "stay": 0.3}', usage=(100, 10))])
    answer = asyncio.run(GatewayModels(meter_of(ready)).ask(ASKED))
    assert answer.value == {"move": 0.7, "stay": 0.3}
    assert (answer.model, answer.prompt_tokens, answer.completion_tokens) == ("openai/fake-1", 100, 10)
    assert books(ready) == (1, 110, Decimal(0))
    assert ready.served_by == "openai/fake-1"


def test_a_provider_that_was_taken_away_is_asked_no_more(
    ready: Simulation, meter_of: MeterOf, model: FakeLLM, alice_at_acme: Member, settings: Settings
) -> None:
    """Plays last for hours: whom they asked first is not whom they may ask now, and nobody else's model answers instead."""
    settings.LOCAL_MODEL_HOSTS = [urlsplit(model.url).netloc]
    fields = {"name": "Ours", "provider": "openai", "base_url": model.openai_url, "model": "fake-1"}
    model.set_script(lambda _: Say('{"move": 0.7, "stay": 0.3}', usage=(100, 10)))
    with enter("t_acme"):
        ours = create_connection(fields=fields, by=alice_at_acme)
    models = GatewayModels(meter_of(ready))
    assert asyncio.run(models.ask(ASKED)).model == "openai/fake-1"
    with enter("t_acme"):
        delete_connection(connection=ours, by=alice_at_acme)
    with pytest.raises(ModelFailed) as failure:
        asyncio.run(models.ask(replace(ASKED, system="You live in a city.")))
    assert (failure.value.kind, str(failure.value)) == ("refused", NOBODY_LEFT)
    assert len(model.ledger()) == 1


FAULTS = [
    ([Fault(status=429), Fault(status=429)], "rate_limited"),
    ([Fault(status=500), Fault(status=500)], "unavailable"),
    ([Fault(status=400)], "refused"),
    ([Say("I would rather stay.")], "malformed"),
]


@pytest.mark.parametrize(("script", "kind"), FAULTS)
def test_what_fails_has_a_kind_and_is_counted(
    script: list[Say | Fault], kind: str, ready: Simulation, meter_of: MeterOf, model: FakeLLM
) -> None:
    model.set_script(script)
    with pytest.raises(ModelFailed) as failure:
        asyncio.run(GatewayModels(meter_of(ready)).ask(ASKED))
    assert failure.value.kind == kind
    assert books(ready)[0] == 1
    if kind == "malformed":
        assert failure.value.said == "I would rather stay."
        assert len(model.ledger()) == 1  # to show the model its mistake is the engine's part


def test_failed_attempts_that_are_charged_stay_within_the_budget(
    begin: Begin, meter_of: MeterOf, model: FakeLLM, alice_at_acme: Member
) -> None:
    played = begin()
    with enter(PUBLIC):
        assert leases.claim(["simulations"]) is not None  # what a dead worker holds would be free
    budget = a_budget(alice_at_acme, tokens=MOST_ANSWER_TOKENS + 400)
    model.set_script(lambda seen: Say("", usage=(100, seen.body["max_tokens"])))
    with pytest.raises(ModelFailed, match="The answer is empty"):
        asyncio.run(GatewayModels(meter_of(played)).ask(ASKED))
    account = account_of(budget)
    assert (len(model.ledger()), account.tokens_reserved) == (1, 0), "another attempt does not fit"
    assert account.tokens_used == books(played)[1] == 100 + MOST_ANSWER_TOKENS


def test_a_budget_of_the_workspace_ends_it_and_nobody_is_asked(
    ready: Simulation, meter_of: MeterOf, model: FakeLLM, alice_at_acme: Member
) -> None:
    budget = a_budget(alice_at_acme, model_calls=1)
    model.set_script([Say('{"move": 1, "stay": 0}', usage=(100, 10))] * 2)
    models = GatewayModels(meter_of(ready))

    async def twice() -> None:
        await models.ask(ASKED)
        await models.ask(Question("You live in a town.", "And now?", SCHEMA))

    with pytest.raises(ModelFailed) as failure:
        asyncio.run(twice())
    assert failure.value.kind == "over_budget"
    assert len(model.ledger()) == 1
    account: Account = account_of(budget)
    assert (account.model_calls_used, account.tokens_used, account.model_calls_reserved) == (1, 110, 0)


def test_whom_its_installer_did_not_allow_is_not_asked(ready: Simulation, meter_of: MeterOf, model: FakeLLM) -> None:
    models = GatewayModels(meter_of(ready, may_ask=lambda provider: provider == "anthropic"))
    with pytest.raises(ModelFailed) as failure:
        asyncio.run(models.ask(ASKED))
    assert failure.value.kind == "refused"
    assert model.ledger() == []
    assert books(ready) == (0, 0, Decimal(0))


def test_a_call_writes_its_bill_and_asks_the_database_nothing_else(
    ready: Simulation, meter_of: MeterOf, model: FakeLLM
) -> None:
    model.set_script(lambda seen: Say('{"move": 0.7, "stay": 0.3}', usage=(100, 10)))
    models = GatewayModels(meter_of(ready))

    async def many() -> list[str]:
        await models.ask(ASKED)  # it reads which budgets there are
        asked = [Question("", f"Situation {number}. Move or stay?", SCHEMA) for number in range(50)]
        with statements() as made:
            await asyncio.gather(*map(models.ask, asked))
        return made

    made = asyncio.run(many())
    assert len(made) == 50
    assert {sql.partition(" SET ")[0] for sql in made} == {'UPDATE "simulations_simulation"'}
    assert books(ready)[0] == 51


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked over connections that are made meanwhile, in whatever thread."""
    made: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith("SET search_path"):
            made.append(sql)
        return execute(sql, *rest)

    def listen(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if note not in connection.execute_wrappers:  # a thread's connection is made anew for every call
            connection.execute_wrappers.append(note)

    connection_created.connect(listen)
    try:
        yield made
    finally:
        connection_created.disconnect(listen)

"""The gateway of a workspace: its own chain, or what the operator's settings name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from prometheus_client import REGISTRY
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.connections import gateways, house, store
from agents.connections.gateways import gateway_of, gateway_of_sync
from agents.connections.generations import begin_next
from agents.connections.models import CachedReply, Connection, Generation
from agents.connections.store import sweep
from agents.llm.gateway import Hedging
from agents.llm.loop import wait_for
from agents.llm.types import CredentialRefused, Message, RateLimited, Reply, Request
from tenants.context import enter
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.connections.conftest import DOOR, KEY, Add
from tests.servers import waiting
from tests.servers.llm import FakeLLM, Fault, Say

ACME, GLOBEX = "t_acme", "t_globex"


@pytest.fixture
def second(settings: Settings, server: FakeLLM) -> Iterator[FakeLLM]:
    with FakeLLM() as fake:
        settings.LOCAL_MODEL_HOSTS = [*settings.LOCAL_MODEL_HOSTS, urlsplit(fake.url).netloc]
        yield fake


def ask(
    text: str = "How much does it store?",
    *,
    schema: str = ACME,
    temperature: float = 0.7,
    model: str = "",
    seconds: float = 120,
) -> Reply:
    request = Request([Message("user", text)], temperature=temperature, model=model)
    return gateway_of_sync(schema).complete_sync(request, deadline=time.monotonic() + seconds)


def doing(api: APIClient, *, calls: int) -> dict[str, Any]:
    """What is told of the only provider, once as many calls are counted: they are written a moment later, several at once."""
    found: dict[str, Any] = {}

    def is_counted() -> bool:
        wait_for(house.stats().flush())
        [state] = api.get(f"{DOOR}state/").json()["providers"]
        found.update(state)
        return int(found["calls"]) >= calls

    waiting.wait_for(is_counted)
    return found


def sent_keys(server: FakeLLM) -> list[str]:
    return [
        {name.lower(): value for name, value in seen.headers.items()}.get("authorization", "")
        for seen in server.ledger()
    ]


def a_moment_ago() -> None:
    """No process has looked for longer than a moment whether the chain changed, however slow the machine is."""
    for known in gateways._known.values():
        known.checked = time.monotonic()


def later() -> None:
    """The time passes after which a process looks whether the chain changed."""
    for known in gateways._known.values():
        known.checked -= gateways.CHECK_SECONDS


# --- whose chain --------------------------------------------------------------------------------------------------


def test_the_first_of_the_chain_is_asked_with_its_key(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    assert ask().provider == "openai"
    assert sent_keys(server) == [f"Bearer {KEY}"]
    [seen] = server.ledger()
    assert [message["content"] for message in seen.messages] == ["How much does it store?"]
    described = gateway_of_sync(ACME).describe()
    assert (described.provider, described.model, described.is_offline) == ("openai", "fake-1", False)


def test_the_next_one_is_asked_when_it_fails_with_its_own_key_only(
    add: Add, server: FakeLLM, second: FakeLLM, in_acme: Tenant
) -> None:
    server.set_script(lambda _: Fault(status=401))
    second.set_script(["from the second"])
    add(name="One", credential=KEY, base_url=server.openai_url, model="fake-1")
    add(name="Two", credential="sk-second-0123456789", base_url=second.openai_url, model="fake-1")
    assert ask().text == "from the second"
    assert (sent_keys(server), sent_keys(second)) == ([f"Bearer {KEY}"], ["Bearer sk-second-0123456789"])


def test_a_second_is_asked_beside_a_slow_first_where_the_operator_wants_it(
    add: Add, server: FakeLLM, second: FakeLLM, settings: Settings, in_acme: Tenant
) -> None:
    assert gateways.hedging() is None
    server.set_script([Fault("no_answer")])
    second.set_script(["from the second"])
    add(name="One", base_url=server.openai_url, model="fake-1")
    add(name="Two", base_url=second.openai_url, model="fake-1")
    settings.LLM_HEDGING = 0.1
    assert ask().text == "from the second"
    assert (len(server.ledger()), len(second.ledger())) == (1, 1)
    settings.LLM_HEDGING = "usual"
    assert gateways.hedging() == Hedging(after=None)


def test_without_providers_the_operators_settings_decide(settings: Settings, server: FakeLLM, in_acme: Tenant) -> None:
    assert gateway_of_sync(ACME).describe().is_offline
    settings.LLM = {**settings.LLM, "ollama_url": server.url}
    assert ask().provider == "ollama"
    assert len(server.ledger()) == 1


def test_one_that_is_switched_off_is_none(api: APIClient, add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    made = add(credential=KEY, base_url=server.openai_url, model="fake-1")
    api.patch(f"{DOOR}{made['id']}/", {"is_enabled": False}, format="json")
    assert gateway_of_sync(ACME).describe().is_offline
    assert api.post(f"{DOOR}order/", {"order": [made["id"]]}, format="json").status_code == 200


def test_a_change_in_another_process_holds_for_what_was_asked_for_after_it(server: FakeLLM, in_acme: Tenant) -> None:
    """This one looked a moment ago; a run that somebody starts right after adding a provider is not answered by another."""
    assert gateway_of_sync(ACME).describe().is_offline
    Connection.objects.create(name="New", provider="openai", base_url=server.openai_url, model="fake-1", position=1)
    begin_next(Generation.Kind.CHAIN)
    assert gateway_of_sync(ACME, since=time.monotonic()).describe().provider == "openai"


def test_another_workspace_has_its_own(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    assert gateway_of_sync(GLOBEX).describe().is_offline
    assert server.ledger() == []


def test_a_key_that_cannot_be_opened_sends_nothing_to_the_operators_provider(
    add: Add, settings: Settings, server: FakeLLM, in_acme: Tenant
) -> None:
    settings.LLM = {**settings.LLM, "ollama_url": server.url}
    add(credential=KEY)
    Connection.objects.update(base_url="https://collector.example/v1")
    with pytest.raises(CredentialRefused) as refused:
        gateway_of_sync(ACME)
    assert (
        refused.value.detail == "Team account: This secret was sealed for another place or was changed; give it again."
    )
    assert server.ledger() == []


def test_a_change_is_seen_within_seconds(
    api: APIClient, add: Add, server: FakeLLM, second: FakeLLM, in_acme: Tenant
) -> None:
    made = add(credential=KEY, base_url=server.openai_url, model="fake-1")
    assert gateway_of_sync(ACME).describe().model == "fake-1"
    api.patch(f"{DOOR}{made['id']}/", {"model": "fake-2"}, format="json")
    a_moment_ago()
    assert gateway_of_sync(ACME).describe().model == "fake-1"  # this process looked a moment ago
    later()
    assert gateway_of_sync(ACME).describe().model == "fake-2"
    api.delete(f"{DOOR}{made['id']}/")
    later()
    assert gateway_of_sync(ACME).describe().is_offline


def test_a_model_goes_by_another_name(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1", models={"gpt-4o": "house-70b"})
    ask(model="gpt-4o")
    ask()
    assert [seen.body["model"] for seen in server.ledger()] == ["house-70b", "fake-1"]


# --- limits, prices, counts ---------------------------------------------------------------------------------------


def test_a_limit_that_was_set_holds(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1", requests_per_minute=2)
    for _ in range(2):
        ask()
    with pytest.raises(RateLimited) as refused:
        ask(seconds=5)  # there is room again in a minute
    assert "2 requests a minute" in refused.value.detail
    assert len(server.ledger()) == 2


def test_a_price_that_was_set_counts(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    server.set_script([Say("ok", usage=(1_000, 100))])
    prices = {"fake-1": {"prompt": 2, "completion": 10.5}}
    add(credential=KEY, base_url=server.openai_url, model="fake-1", prices=prices)
    assert ask("word " * 2_000).cost == Decimal("0.00305")


def test_the_last_day_of_each_provider_is_counted(
    api: APIClient, add: Add, server: FakeLLM, settings: Settings, in_acme: Tenant
) -> None:
    price = {"fake-1": {"prompt": 1, "completion": 1}}
    server.set_script([Say("one", usage=(90, 10)), Fault(status=400), Say("three", usage=(90, 10))])
    add(credential=KEY, base_url=server.openai_url, model="fake-1", prices=price)
    ask("word " * 100)
    with pytest.raises(Exception, match="refused the request"):
        ask("b")
    ask("word " * 100)
    state = doing(api, calls=3)
    assert {name: state[name] for name in ("calls", "failed", "failures", "tokens", "circuit")} == {
        "calls": 3,
        "failed": 1,
        "failures": {"request_refused": 1},
        "tokens": 200,
        "circuit": "closed",
    }
    assert 0 < state["p50_seconds"] <= state["p95_seconds"] < 120
    assert float(state["spend"]) == pytest.approx(0.0002)
    with redis.Redis.from_url(settings.LLM_REDIS_URL) as client:
        [key] = client.keys("llm:stats:*")
        assert 0 < client.ttl(key) <= 25 * 3600
        assert b"127.0.0.1" not in key


def test_a_provider_that_failed_all_day_is_not_called_in_use(
    api: APIClient, add: Add, server: FakeLLM, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    server.set_script([Fault(status=400)])
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    with pytest.raises(Exception, match="refused the request"):
        ask("a")
    assert doing(api, calls=1)["circuit"] == "closed"
    page = client_of(alice).get("/w/acme/settings/providers/").content.decode()
    assert ("Answers nothing" in page, "In use" in page) == (True, False)


def test_a_provider_that_keeps_failing_is_left_alone(
    api: APIClient, add: Add, server: FakeLLM, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    server.set_script(lambda _: Fault(status=500))
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    for number in range(8):
        with pytest.raises(Exception, match=r"failing|left alone"):
            ask(str(number))
    assert len(server.ledger()) < 16
    doing(api, calls=5)
    for _ in range(5):  # it is left alone for five seconds, and for twice as long each time; a slow machine needs that
        [state] = api.get(f"{DOOR}state/").json()["providers"]
        page = client_of(alice).get("/w/acme/settings/providers/").content.decode()
        if state["circuit"] == "open" and "it failed too often; tried again in" in page:
            break
        with pytest.raises(Exception, match=r"failing|left alone"):
            ask("Are you well?")
    assert (state["circuit"], 0 < state["retry_seconds"] <= 72) == ("open", True)
    assert "it failed too often; tried again in" in page
    assert "× provider overloaded" in page


def test_calls_are_counted_without_names_of_workspaces_or_their_models(
    add: Add, server: FakeLLM, in_acme: Tenant
) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    labels = {"provider": "openai", "model": "other"}
    before = (
        count("llm_requests_total", outcome="ok", **labels),
        count("llm_tokens_total", direction="prompt", **labels),
    )
    server.set_script([Say("ok", usage=(70, 5))])
    add(credential=KEY, base_url=server.openai_url, model="acme-secret-model")
    ask("word " * 100)
    after = count("llm_requests_total", outcome="ok", **labels), count("llm_tokens_total", direction="prompt", **labels)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 70)
    text = "".join(f"{sample.labels}" for metric in REGISTRY.collect() for sample in metric.samples)
    assert "acme" not in text


# --- answers given before -----------------------------------------------------------------------------------------


def test_the_same_question_is_asked_once(add: Add, server: FakeLLM, in_acme: Tenant) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    answers = [ask(temperature=0) for _ in range(3)]
    assert [answer.cached for answer in answers] == ["", "process", "process"]
    assert len({answer.text for answer in answers}) == 1
    assert (answers[1].cost, len(server.ledger())) == (Decimal(0), 1)
    ask(temperature=0.7)
    assert len(server.ledger()) == 2


def test_no_workspace_gets_the_answers_of_another(
    settings: Settings, server: FakeLLM, in_acme: Tenant, globex: Tenant
) -> None:
    settings.LLM = {**settings.LLM, "ollama_url": server.url}
    for schema in (ACME, GLOBEX, ACME, GLOBEX):
        ask(schema=schema, temperature=0)
    assert len(server.ledger()) == 2


@pytest.mark.parametrize(
    ("wish", "asked_again"),
    [
        ({}, True),
        ({"model": "openai/fake-1"}, True),
        ({"model": "openai/other"}, False),
        ({"prompt_version": "v9"}, False),
    ],
)
def test_answers_are_forgotten_by_workspace_and_by_model(
    api: APIClient, add: Add, server: FakeLLM, in_acme: Tenant, wish: dict[str, str], asked_again: bool
) -> None:
    add(credential=KEY, base_url=server.openai_url, model="fake-1")
    ask(temperature=0)
    assert api.post(f"{DOOR}forget-answers/", wish, format="json").status_code == 204
    later()
    assert ask(temperature=0).cached == ("" if asked_again else "process")
    assert len(server.ledger()) == (2 if asked_again else 1)


# --- with real commits and threads --------------------------------------------------------------------------------


@pytest.fixture
def committed(fresh_db: None, settings: Settings, server: FakeLLM) -> str:
    """Acme with one provider, for event loops: their database calls run on threads."""
    settings.LLM_CACHE = {**settings.LLM_CACHE, "database_days": 7}
    with enter(ACME):
        Connection.objects.create(
            name="House", provider="openai", base_url=server.openai_url, model="fake-1", position=1
        )
    return ACME


async def ask_async(schema: str) -> Reply:
    gateway = await gateway_of(schema)
    return await gateway.complete(Request([Message("user", "How much?")]), deadline=time.monotonic() + 120)


def test_an_answer_outlives_redis_and_the_process(committed: str, server: FakeLLM, storage: Any) -> None:
    def ask() -> str:
        return wait_for(ask_async(committed)).cached

    assert [ask() for _ in range(2)] == ["", "process"]
    gateways.forget()
    assert ask() == "redis"
    gateways.forget()
    with redis.Redis.from_url(storage.redis_url) as client:
        client.flushall()
    assert [ask() for _ in range(2)] == ["database", "process"]
    assert len(server.ledger()) == 1

    with enter(ACME):
        [row] = CachedReply.objects.all()
        assert (row.model, KEY in bytes(row.content).decode()) == ("openai/fake-1", False)
        assert sweep() == 0
        assert list(store.find([row.place])) == [row.place]
        CachedReply.objects.update(expires_at="2020-01-01T00:00Z")
        assert store.find([row.place]) == {}
        assert sweep() == 1
    with enter(GLOBEX):
        assert CachedReply.objects.count() == 0


def test_many_questions_at_once_find_their_own_answers(committed: str, server: FakeLLM, settings: Settings) -> None:
    async def ask_all() -> list[Reply]:
        gateway = await gateway_of(committed)
        requests = [Request([Message("user", f"Question {number}")]) for number in range(40)]
        return await asyncio.gather(*(gateway.complete(each, deadline=time.monotonic() + 120) for each in requests))

    new = wait_for(ask_all())
    wait_for(store.flush())
    house.process_layer().forget()
    with redis.Redis.from_url(settings.LLM_REDIS_URL) as client:
        client.flushall()
    kept = wait_for(ask_all())
    assert [reply.cached for reply in kept] == ["database"] * 40
    assert [reply.text for reply in kept] == [reply.text for reply in new]
    assert len(server.ledger()) == 40


def test_while_the_database_is_away_the_chain_that_is_known_serves(
    committed: str, server: FakeLLM, settings: Settings
) -> None:
    settings.LLM_CACHE = {**settings.LLM_CACHE, "database_days": 0}
    first = wait_for(ask_async(committed))
    with enter(ACME):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE connections_generation RENAME TO hidden")
    later()
    assert wait_for(ask_async(committed)).text == first.text
    gateways.look_again(committed)
    with pytest.raises(Exception, match="connections_generation"):
        wait_for(ask_async(committed))


def test_a_provider_that_repeats_the_key_does_not_make_us_repeat_it(
    api: APIClient, add: Add, server: FakeLLM, in_acme: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    server.set_script(lambda _: Fault(status=401, message="Bad key {authorization}"))
    made = add(credential=KEY, base_url=server.openai_url, model="fake-1")
    with pytest.raises(CredentialRefused) as refused:
        ask()
    wait_for(house.stats().flush())
    answers = [api.post(f"{DOOR}{made['id']}/test/").content, api.get(f"{DOOR}state/").content]
    told = repr((refused.value, refused.value.__context__, answers, caplog.text, gateway_of_sync(ACME).routes))
    assert "canary" not in told
    assert KEY.encode() in repr(server.ledger()).encode()

"""The gateway: who is asked, how often, when it waits, and what a listener hears."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.llm.gateway import Description, Gateway, Patience
from agents.llm.prices import cost_of, price_of
from agents.llm.providers.offline import Offline
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import (
    BadReply,
    CredentialRefused,
    Message,
    ProviderOverloaded,
    ProviderUnreachable,
    Request,
    Usage,
)
from tests.llm.conftest import PATIENT, ask, link, through
from tests.servers.llm import FakeLLM, Fault, Say, Step, closed_url

Soon = Callable[..., float]
SWIFT = Patience(retries=1, shortest=0.02, longest=0.1, retry_after_cap=0.5)


def first(server: FakeLLM) -> OpenAI:
    return OpenAI(base_url=server.openai_url, model="gpt-4o-mini", api_key="sk-a", limits=PATIENT)


def second(server: FakeLLM) -> Ollama:
    return Ollama(server.url, model="fake-1", limits=PATIENT)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503),
        Fault(status=429),
        Fault("reset"),
        Fault("html"),
        Fault("empty_choices"),
        Say(""),
    ],
)
async def test_what_may_pass_is_tried_once_more(server: FakeLLM, soon: Soon, fault: Step) -> None:
    server.set_script([fault, "second time"])
    assert (await through(first(server), patience=SWIFT).complete(ask(), deadline=soon())).text == "second time"
    assert len(server.ledger()) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_what_will_not_pass_is_not_tried_again(server: FakeLLM, soon: Soon, status: int) -> None:
    server.set_script([Fault(status=status), "never asked for"])
    with pytest.raises((CredentialRefused, Exception), match=str(status)):
        await through(first(server), patience=SWIFT).complete(ask(), deadline=soon())
    assert len(server.ledger()) == 1


async def test_then_the_next_provider_is_asked(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=500), Fault(status=500), "from the other"])
    reply = await through(first(server), second(server), patience=SWIFT).complete(ask(), deadline=soon())
    assert (reply.text, reply.provider) == ("from the other", "ollama")
    assert [seen.protocol for seen in server.ledger()] == ["openai", "openai", "ollama"]


async def test_a_refused_credential_goes_straight_to_the_next(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=401), "from the other"])
    assert (
        await through(first(server), second(server), patience=SWIFT).complete(ask(), deadline=soon())
    ).provider == "ollama"


async def test_with_all_down_the_first_error_is_told(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=503), Fault(status=503, message="first"), Fault("html"), Fault("html")])
    with pytest.raises(ProviderOverloaded, match="first"):
        await through(first(server), second(server), patience=SWIFT).complete(ask(), deadline=soon())
    assert len(server.ledger()) == 4


async def test_nobody_there_fails_fast(soon: Soon) -> None:
    gone = Ollama(closed_url(), model="fake-1", limits=PATIENT)
    started = time.monotonic()
    with pytest.raises(ProviderUnreachable, match="No connection to ollama"):
        await through(gone, patience=SWIFT).complete(ask(), deadline=soon())
    assert time.monotonic() - started < PATIENT.connect


async def test_retry_after_is_waited_for(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=429, retry_after="0.3"), "later"])
    assert (await through(first(server), patience=SWIFT).complete(ask(), deadline=soon())).text == "later"
    asked, again = (seen.at for seen in server.ledger())
    assert again - asked >= 0.3


async def test_too_long_a_wait_goes_to_the_next_provider_at_once(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=429, retry_after="90"), "from the other"])
    started = time.monotonic()
    reply = await through(first(server), second(server), patience=SWIFT).complete(ask(), deadline=soon(600))
    assert [seen.protocol for seen in server.ledger()] == ["openai", "ollama"]
    assert reply.provider == "ollama"
    assert time.monotonic() - started < 60


async def test_no_wait_reaches_past_the_deadline(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=429, retry_after="900"), "too late"])
    started = time.monotonic()
    with pytest.raises(ProviderOverloaded):
        await through(first(server), patience=Patience(retry_after_cap=999)).complete(ask(), deadline=soon(600))
    assert time.monotonic() - started < 60
    assert len(server.ledger()) == 1


def test_pauses_differ() -> None:
    patience, failure = Patience(retries=2, shortest=0.5), ProviderOverloaded("It is busy.")
    for attempt, ceiling in enumerate((0.5, 1.0)):
        pauses = [patience.pause(failure, attempt) or 0.0 for _ in range(100)]
        assert 0 <= min(pauses) < 0.1 * ceiling, "full jitter: as good as none is as likely as the longest"
        assert 0.9 * ceiling < max(pauses) <= ceiling


async def test_text_that_is_out_is_not_followed_by_another_attempt(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault("reset"), "never asked for"])
    heard: list[str] = []
    with pytest.raises(ProviderUnreachable, match="broke off"):
        await through(first(server), patience=SWIFT).complete(ask(), deadline=soon(), on_text=heard.append)
    assert "".join(heard).startswith("Half")
    assert len(server.ledger()) == 1


async def test_a_listener_that_can_start_over_gets_no_mixed_text(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault("truncated"), Fault("truncated"), "all of it"])
    heard: list[str] = []
    gateway = through(first(server), second(server), patience=SWIFT)
    reply = await gateway.complete(ask(), deadline=soon(), on_text=heard.append, on_restart=heard.clear)
    assert reply.text == "".join(heard) == "all of it"


async def test_before_the_first_text_a_retry_needs_no_restart(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=500), "all of it"])
    heard: list[str] = []
    await through(first(server), patience=SWIFT).complete(
        ask(), deadline=soon(), on_text=heard.append, on_restart=lambda: heard.append("RESTART")
    )
    assert "".join(heard) == "all of it"


async def test_what_the_listener_raises_is_not_retried(server: FakeLLM, soon: Soon) -> None:
    def cancelled(_: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await through(first(server), second(server), patience=SWIFT).complete(ask(), deadline=soon(), on_text=cancelled)
    assert len(server.ledger()) == 1


async def test_a_reply_has_its_price(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("Yes.", usage=(400, 20))] * 2)
    paid = await through(first(server)).complete(Request([Message("user", "word " * 300)]), deadline=soon())
    assert paid.cost == Decimal("0.000072")
    assert (await through(second(server)).complete(ask(), deadline=soon())).cost == 0


def test_prices() -> None:
    assert cost_of("openai", "gpt-4o-2024-08-06", Usage(1_000_000, 100_000)) == Decimal("3.5")
    assert price_of("gemini", "models/gemini-2.5-pro") == price_of("gemini", "gemini-2.5-pro") is not None
    assert cost_of("ollama", "gpt-4o", Usage(1_000_000, 0)) == 0
    assert price_of("openai", "made-up-7b") is None
    assert cost_of("openai", "made-up-7b", Usage(10, 10)) == 0


def test_whose_model_a_name_means() -> None:
    house, other = link(Ollama("http://localhost:1", model="mine"), models={"best": "qwen3:32b"}), link(Offline())
    assert house.served("qwen3:4b", first=True) == "qwen3:4b"
    assert house.served("qwen3:4b", first=False) == "mine"
    assert house.served("ollama/qwen3:4b", first=False) == "qwen3:4b"
    assert house.served("openai/gpt-4o", first=True) == "mine"
    assert house.served("hf.co/someone/model", first=True) == "hf.co/someone/model"
    assert house.served("best", first=False) == "qwen3:32b"
    assert house.served("", first=True) == "mine"
    assert other.served("openai/gpt-4o", first=True) == ""


async def test_an_answer_that_breaks_the_schema_is_asked_for_again(server: FakeLLM, soon: Soon) -> None:
    schema = {"type": "object", "properties": {"mwh": {"type": "number"}}, "required": ["mwh"]}
    request = Request([Message("user", "?")], response_schema=schema)
    server.set_script(["eighteen", '{"mwh": 18.4}'])
    assert (await through(first(server), patience=SWIFT).complete(request, deadline=soon())).text == '{"mwh": 18.4}'
    server.set_script(["eighteen", "nineteen"])
    with pytest.raises(BadReply, match="not JSON"):
        await through(first(server), patience=SWIFT).complete(request, deadline=soon())


def test_description() -> None:
    assert through(Offline()).describe() == Description("offline", "", is_offline=True)
    with pytest.raises(ValueError, match="at least one route"):
        Gateway([])

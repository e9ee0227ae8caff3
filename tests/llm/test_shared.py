"""Answers given before, and answers that several callers wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.llm.gateway import Gateway, Patience
from agents.llm.guards import Observation
from agents.llm.providers.openai import OpenAI
from agents.llm.questions import cache_key, digest
from agents.llm.tokens import count
from agents.llm.types import (
    BadReply,
    Image,
    Message,
    ProviderOverloaded,
    ProviderUnreachable,
    Reply,
    Request,
    Target,
    ToolSpec,
    Usage,
)
from agents.llm.wire import Limits
from tests.llm.conftest import PATIENT, ask, make_provider, through, until
from tests.llm.guarding import Cache
from tests.servers.llm import FakeLLM, Fault, Say

Soon = Callable[..., float]
ONCE = Patience(retries=0)
LOOK = ToolSpec("look", "", {"type": "object"}, acts=False)
SEND = ToolSpec("send", "", {"type": "object"})


def cached(server: FakeLLM, cache: Cache | None = None, limits: Limits = PATIENT, **options: object) -> Gateway:
    provider = OpenAI(base_url=server.openai_url, model="gpt-4o-mini", limits=limits)
    return through(provider, cache=cache or Cache(), patience=ONCE, **options)


async def test_the_second_answer_is_remembered_and_free(server: FakeLLM, soon: Soon) -> None:
    seen: list[Observation] = []
    gateway = cached(server, observe=seen.append)
    paid = await gateway.complete(ask(), deadline=soon())
    heard: list[str] = []
    free = await gateway.complete(ask(), deadline=soon(), on_text=heard.append)
    assert paid.cost > 0
    assert (free.text, free.cached, free.attempts) == (paid.text, "process", 0)
    assert (free.cost, free.usage) == (Decimal(0), Usage())
    assert "".join(heard) == paid.text
    assert [each.cached for each in seen] == ["", "process"]
    assert len(server.ledger()) == 1


@pytest.mark.parametrize(
    ("request_", "calls"),
    [
        (ask(), 1),
        (replace(ask(), temperature=0.7), 2),
        (replace(ask(), temperature=0.7, cacheable=True), 1),
        (replace(ask(), tools=[LOOK]), 1),
        (replace(ask(), tools=[LOOK, SEND]), 2),
        (replace(ask(), tools=[SEND], cacheable=True), 2),
    ],
)
async def test_what_may_be_remembered(server: FakeLLM, soon: Soon, request_: Request, calls: int) -> None:
    gateway = cached(server)
    for _ in range(2):
        await gateway.complete(request_, deadline=soon())
    assert len(server.ledger()) == calls


async def test_no_workspace_gets_anothers_answer(server: FakeLLM, soon: Soon) -> None:
    cache = Cache()
    for tenant in ("acme", "globex", "acme"):
        await cached(server, cache, tenant=tenant).complete(ask(), deadline=soon())
    assert len(server.ledger()) == 2
    assert [key.tenant for key in cache.kept] == ["acme", "globex"]


def test_what_makes_a_question_another() -> None:
    target = Target("openai", "https://a/v1", "m", credential="c1")
    same = cache_key(ask(), target, tenant="acme")
    assert same == cache_key(ask(), target, tenant="acme")
    others = [
        cache_key(ask("Else?"), target, tenant="acme"),
        cache_key(replace(ask(), max_tokens=5), target, tenant="acme"),
        cache_key(replace(ask(), prompt_version="2"), target, tenant="acme"),
        cache_key(Request([Message("user", ask().messages[0].content, images=(Image("image/png", b"x"),))]), target, tenant="acme"),
        cache_key(ask(), replace(target, base_url="https://b/v1"), tenant="acme"),
        cache_key(ask(), replace(target, model="n"), tenant="acme"),
        cache_key(ask(), replace(target, credential="c2"), tenant="acme"),
        cache_key(ask(), target, tenant="globex"),
    ]  # fmt: skip
    assert len({same.digest, *(key.digest for key in others)}) == 9
    assert digest(ask()) == digest(Request(ask().messages, cacheable=True))


async def test_nothing_bad_is_remembered(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=500), "fine"])
    gateway = cached(server)
    with pytest.raises(ProviderOverloaded):
        await gateway.complete(ask(), deadline=soon())
    assert (await gateway.complete(ask(), deadline=soon())).text == "fine"


async def test_ten_who_ask_the_same_at_once_share_one_call(soon: Soon) -> None:
    with FakeLLM(latency=0.1) as server:
        gateway = cached(server)
        heard: list[list[str]] = [[] for _ in range(10)]
        replies = await asyncio.gather(*(gateway.complete(ask(), deadline=soon(), on_text=ear.append) for ear in heard))
        assert len(server.ledger()) == 1
    assert {"".join(ear) for ear in heard} == {replies[0].text}
    assert sorted(reply.cached for reply in replies) == [""] + ["shared"] * 9
    assert sum((reply.cost for reply in replies), Decimal(0)) == max(reply.cost for reply in replies) > 0


async def test_the_first_of_them_may_leave(soon: Soon) -> None:
    go_on = threading.Event()
    with FakeLLM([Say("fine", until=go_on)]) as server:
        gateway = cached(server)
        leader, follower = (asyncio.create_task(gateway.complete(ask(), deadline=soon())) for _ in range(2))
        await until(server.ledger)
        leader.cancel()
        await asyncio.wait([leader])
        go_on.set()
        assert (await follower).text == "fine"
        assert len(server.ledger()) == 1
    with pytest.raises(asyncio.CancelledError):
        await leader


async def test_with_the_last_of_them_the_call_ends(soon: Soon) -> None:
    with FakeLLM([Fault("no_answer"), "fine"]) as server:
        gateway = cached(server)
        both = [asyncio.create_task(gateway.complete(ask(), deadline=soon())) for _ in range(2)]
        await until(server.ledger)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        assert (await gateway.complete(ask(), deadline=soon())).text == "fine", "nobody joins what was given up"


async def test_each_waits_until_its_own_deadline(soon: Soon) -> None:
    go_on = threading.Event()
    with FakeLLM([Say("fine", until=go_on)]) as server:
        gateway = cached(server)
        patient = asyncio.create_task(gateway.complete(ask(), deadline=soon()))
        await until(server.ledger)
        with pytest.raises(ProviderUnreachable, match="not complete before the deadline"):
            await gateway.complete(ask(), deadline=soon(0.1))
        go_on.set()
        assert (await patient).text == "fine"
        assert len(server.ledger()) == 1


async def test_a_listener_that_raises_hurts_nobody_else(soon: Soon) -> None:
    def stop(_: str) -> None:
        raise InterruptedError

    with FakeLLM(latency=0.1) as server:
        gateway = cached(server)
        one, other = await asyncio.gather(
            gateway.complete(ask(), deadline=soon(), on_text=stop),
            gateway.complete(ask(), deadline=soon()),
            return_exceptions=True,
        )
    assert isinstance(one, InterruptedError)
    assert not isinstance(other, BaseException)


async def test_a_call_that_failed_has_failed_for_all_and_only_one_is_charged(soon: Soon) -> None:
    with FakeLLM([Fault("truncated", delay=0.1), "never asked for"]) as server:
        gateway = cached(server)
        failures = await asyncio.gather(
            *(gateway.complete(ask(), deadline=soon()) for _ in range(3)), return_exceptions=True
        )
        assert len(server.ledger()) == 1
    assert [type(failure) for failure in failures] == [BadReply] * 3
    charged = [failure.usage.prompt_tokens for failure in failures if isinstance(failure, BadReply)]
    assert charged == [11, 0, 0]


async def test_who_joined_one_in_a_hurry_asks_again(soon: Soon) -> None:
    go_on = threading.Event()
    with FakeLLM(lambda _: Say("fine", until=go_on)) as server:
        gateway = cached(server)
        hurried = asyncio.create_task(gateway.complete(ask(), deadline=soon(0.15)))
        others = [asyncio.create_task(gateway.complete(ask(), deadline=soon())) for _ in range(3)]
        with pytest.raises(ProviderUnreachable):
            await hurried
        go_on.set()
        replies = await asyncio.gather(*others)
    assert [reply.text for reply in replies] == ["fine"] * 3
    assert sorted(reply.cached for reply in replies) == ["", "shared", "shared"]


async def test_who_stays_pays_where_the_first_has_left(soon: Soon) -> None:
    """An answer that somebody waits for is paid for by somebody."""
    go_on = threading.Event()
    with FakeLLM([Say("fine", until=go_on, usage=(100, 10))]) as server:
        gateway = cached(server)
        told: list[int] = []
        leader = asyncio.create_task(
            gateway.complete(ask(), deadline=soon(), on_left=lambda usage, _: told.append(usage.total_tokens))
        )
        others = [asyncio.create_task(gateway.complete(ask(), deadline=soon())) for _ in range(2)]
        await until(server.ledger)
        leader.cancel()
        await asyncio.wait([leader])
        go_on.set()
        replies = await asyncio.gather(*others)
        assert len(server.ledger()) == 1
    assert told == [0]
    assert [(reply.cached, reply.usage.total_tokens) for reply in replies] == [("", 110), ("shared", 0)]


async def test_the_last_to_leave_pays_for_what_was_said_by_then(soon: Soon) -> None:
    with FakeLLM([Fault("stall")]) as server:
        gateway = cached(server)
        told: dict[str, int] = {}
        heard: list[str] = []

        def call(name: str) -> asyncio.Task[Reply]:
            return asyncio.create_task(
                gateway.complete(
                    ask(),
                    deadline=soon(),
                    on_text=heard.append,
                    on_left=lambda usage, _: told.update({name: usage.prompt_tokens}),
                )
            )

        first, last = call("first"), call("last")
        await until(lambda: heard)
        for task in (first, last):
            task.cancel()
            await asyncio.wait([task])
    assert told == {"first": 0, "last": 11}


async def test_who_joined_one_whose_time_was_up_asks_again(soon: Soon) -> None:
    """It had time enough for its provider to be to blame; the others have more."""
    go_on = threading.Event()
    with FakeLLM(lambda _: Say("fine", until=go_on)) as server:
        gateway = cached(server, limits=replace(PATIENT, connect=0.01))
        early = asyncio.create_task(gateway.complete(ask(), deadline=soon(0.3)))
        others = [asyncio.create_task(gateway.complete(ask(), deadline=soon())) for _ in range(2)]
        with pytest.raises(ProviderUnreachable):
            await early
        go_on.set()
        assert [reply.text for reply in await asyncio.gather(*others)] == ["fine", "fine"]


async def test_what_is_broken_off_says_what_it_took(soon: Soon) -> None:
    with FakeLLM([Fault("stall")]) as server:
        told: list[Usage] = []
        heard: list[str] = []
        call = asyncio.create_task(
            through(make_provider("openai", server)).complete(
                ask(), deadline=soon(), on_text=heard.append, on_left=lambda usage, _: told.append(usage)
            )
        )
        await until(lambda: heard)
        call.cancel()
        await asyncio.wait([call])
    assert told == [Usage(11, count("".join(heard)))]

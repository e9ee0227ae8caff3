"""The gateway and its neighbours: what a breaker is told, what limits hold back, what observers see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.llm.gateway import Patience
from agents.llm.guards import Observation
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.retries import RetryBudget
from agents.llm.routes import in_order
from agents.llm.types import (
    BadReply,
    CircuitOpen,
    CredentialRefused,
    LLMError,
    ProviderOverloaded,
    ProviderUnreachable,
    RateLimited,
    ToolSpec,
    Usage,
)
from tests.llm.conftest import NO_ANSWER, PATIENT, ask, link, through, until
from tests.llm.guarding import Breaker, Limiter
from tests.servers.llm import Call, FakeLLM, Fault, Say, Step, closed_url

Soon = Callable[..., float]
SWIFT = Patience(retries=1, shortest=0.01, longest=0.02, retry_after_cap=0.5)
ONCE = Patience(retries=0, repairs=0)


def first(server: FakeLLM, **options: object) -> OpenAI:
    return OpenAI(base_url=server.openai_url, model="gpt-4o-mini", api_key="sk-a", limits=PATIENT)


def second(server: FakeLLM) -> Ollama:
    return Ollama(server.url, model="fake-1", limits=PATIENT)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("fine", ("ok", "endpoint", None)),
        (Fault(status=500), ("fail", "endpoint", None)),
        (Fault(status=529), ("fail", "endpoint", None)),
        (Fault(status=429, retry_after="3600"), ("fail", "credential", 3600.0)),
        (Fault(status=429, retry_after="-1"), ("fail", "credential", None)),
        (Fault(status=401), ("fail", "credential", None)),
        (Fault(status=402), ("fail", "credential", None)),
        (Fault(status=400), ("ignore", "endpoint", None)),
        (Fault(status=404), ("ignore", "endpoint", None)),
        (Fault(status=400, code="context_length_exceeded"), ("ignore", "endpoint", None)),
        (Fault(status=400, code="content_policy_violation"), ("ignore", "endpoint", None)),
        (Fault("reset"), ("fail", "endpoint", None)),
        (Fault("truncated"), ("fail", "endpoint", None)),
        (Fault("stream_error"), ("fail", "endpoint", None)),
        (Say(""), ("fail", "endpoint", None)),
    ],
)
async def test_what_a_breaker_is_told(server: FakeLLM, soon: Soon, step: Step, told: tuple[object, ...]) -> None:
    server.set_script([step])
    breaker = Breaker()
    gateway = through(first(server), breaker=breaker, patience=ONCE)
    try:
        await gateway.complete(ask(), deadline=soon())
    except LLMError:
        assert told[0] != "ok"
    assert breaker.recorded == [("openai", *told)]


async def test_a_call_that_cannot_be_carried_out_is_shown_to_the_model_and_is_no_fault_of_the_back_end(
    server: FakeLLM, soon: Soon
) -> None:
    """The same question at temperature 0 would get the same call; five of them would keep a whole workspace from a healthy server."""
    server.set_script([Say(calls=[Call("weigh", "{not json")]), Say(calls=[Call("weigh", {"mwh": 3})])])
    breaker = Breaker()
    asked = replace(ask(), tools=[ToolSpec("weigh", "Weighs.", {"type": "object"})])
    reply = await through(first(server), breaker=breaker, patience=SWIFT).complete(asked, deadline=soon())
    assert [dict(call.arguments) for call in reply.tool_calls] == [{"mwh": 3}]
    assert breaker.recorded == [("openai", "ok", "endpoint", None)] * 2
    said, told = (message["content"] for message in server.ledger()[1].messages[-2:])
    assert said == "weigh({not json)"
    assert told == (
        "That answer cannot be used. The model called 'weigh' with arguments that are not a JSON object. "
        "Call it again, with one JSON object as its arguments."
    )


async def test_an_answer_of_another_shape_is_no_fault_of_the_back_end(server: FakeLLM, soon: Soon) -> None:
    server.set_script(["eighteen"])
    breaker = Breaker()
    with pytest.raises(LLMError):
        await through(first(server), breaker=breaker, patience=ONCE).complete(
            replace(ask(), response_schema={"type": "object"}), deadline=soon()
        )
    assert breaker.recorded == [("openai", "ok", "endpoint", None)]


async def test_a_caller_in_a_hurry_says_nothing_of_the_back_end(soon: Soon) -> None:
    breaker = Breaker()
    with FakeLLM(lambda _: Fault("no_answer")) as silent:
        with pytest.raises(ProviderUnreachable):
            await through(first(silent), breaker=breaker, patience=ONCE).complete(ask(), deadline=soon(0.2))
        slow = OpenAI(base_url=silent.openai_url, model="m", limits=NO_ANSWER)
        with pytest.raises(ProviderUnreachable, match="No answer began"):
            await through(slow, breaker=breaker, patience=ONCE).complete(ask(), deadline=soon())
    assert [outcome for _, outcome, _, _ in breaker.recorded] == ["ignore", "fail"]


async def test_an_open_circuit_is_not_asked(server: FakeLLM, soon: Soon) -> None:
    gateway = through(first(server), second(server), breaker=Breaker(["openai"]), patience=SWIFT)
    reply = await gateway.complete(ask(), deadline=soon())
    assert reply.provider == "ollama"
    assert [seen.protocol for seen in server.ledger()] == ["ollama"]


async def test_with_every_circuit_open_it_is_told_when_to_come_back(server: FakeLLM, soon: Soon) -> None:
    gateway = through(first(server), second(server), breaker=Breaker(["openai", "ollama"]))
    with pytest.raises(CircuitOpen) as caught:
        await gateway.complete(ask(), deadline=soon())
    assert (caught.value.retry_after, server.ledger()) == (7.0, [])


async def test_what_the_one_that_was_asked_said_is_told_and_not_the_open_circuit(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=401)])
    gateway = through(first(server), second(server), breaker=Breaker(["openai"]), patience=ONCE)
    with pytest.raises(CredentialRefused) as caught:
        await gateway.complete(ask(), deadline=soon())
    assert caught.value.provider == "ollama"


async def test_room_is_asked_for_before_every_attempt(server: FakeLLM, soon: Soon) -> None:
    limiter = Limiter()
    server.set_script([Fault(status=500), "fine"])
    await through(first(server), limiter=limiter, patience=SWIFT).complete(ask("Hello, world!"), deadline=soon())
    assert [(target.provider, tokens) for target, tokens in limiter.asked] == [("openai", 508)] * 2


async def test_without_room_the_next_route_is_asked(server: FakeLLM, soon: Soon) -> None:
    breaker = Breaker()
    gateway = through(
        first(server), second(server), limiter=Limiter(["openai"]), breaker=breaker, patience=Patience(retries=0)
    )
    assert (await gateway.complete(ask(), deadline=soon())).provider == "ollama"
    with pytest.raises(RateLimited, match="no room"):
        await through(first(server), limiter=Limiter(["openai"]), patience=ONCE).complete(ask(), deadline=soon())
    assert [seen.protocol for seen in server.ledger()] == ["ollama"]
    assert breaker.recorded[0] == ("openai", "ignore", "endpoint", None)


async def test_a_cancelled_call_closes_its_connection_at_once(server: FakeLLM, soon: Soon) -> None:
    breaker, seen = Breaker(), list[Observation]()
    with FakeLLM([Fault("stall")]) as slow:
        gateway = through(first(slow), breaker=breaker, observe=seen.append)
        heard: list[str] = []
        task = asyncio.create_task(gateway.complete(ask(), deadline=soon(), on_text=heard.append))
        await until(lambda: bool(heard))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server_side = slow._server
        assert server_side is not None
        await until(lambda: not server_side._open)
    assert breaker.recorded == [("openai", "ignore", "endpoint", None)]
    assert [(each.outcome, each.usage) for each in seen] == [("cancelled", Usage(11, 3))]


async def test_so_does_one_that_was_still_waiting(soon: Soon) -> None:
    with FakeLLM([Fault("no_answer")]) as silent:
        task = asyncio.create_task(through(first(silent)).complete(ask(), deadline=soon()))
        await until(lambda: bool(silent.ledger()))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server_side = silent._server
        assert server_side is not None
        await until(lambda: not server_side._open)


async def test_observers_see_every_attempt(server: FakeLLM, soon: Soon) -> None:
    seen: list[Observation] = []
    server.set_script([Fault(status=500), Fault(status=401), Say("It is.", usage=(20, 2))])
    gateway = through(first(server), second(server), observe=seen.append, patience=SWIFT, tenant="acme")
    reply = await gateway.complete(ask(), deadline=soon())
    assert [(each.target.provider, each.outcome, each.attempt) for each in seen] == [
        ("openai", "provider_overloaded", 1),
        ("openai", "credential_refused", 2),
        ("ollama", "ok", 3),
    ]
    assert {each.tenant for each in seen} == {"acme"}
    assert seen[0].detail == "openai is overloaded or failing (500): The scripted server says no."
    assert 0 < seen[2].first_byte_seconds <= seen[2].seconds <= reply.seconds
    assert (reply.attempts, [each.outcome for each in reply.trail]) == (3, [each.outcome for each in seen])


async def test_what_a_failed_attempt_cost_is_counted_too(server: FakeLLM, soon: Soon) -> None:
    schema = {"type": "object", "required": ["mwh"]}
    server.set_script([Say("eighteen", usage=(40, 10)), Say('{"mwh": 18}', usage=(60, 20))])
    reply = await through(first(server), patience=SWIFT).complete(
        replace(ask(), response_schema=schema), deadline=soon()
    )
    assert reply.usage == Usage(100, 30)
    assert reply.cost == (100 * Decimal("0.15") + 30 * Decimal("0.60")) / 1_000_000
    assert "does not follow" not in str(server.ledger()[1].messages[-1])
    assert "not JSON" in server.ledger()[1].messages[-1]["content"], "the model is shown what was wrong"


async def test_a_failed_call_says_what_it_cost(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault("truncated")])
    with pytest.raises(LLMError) as caught:
        await through(first(server), patience=ONCE).complete(ask(), deadline=soon())
    assert caught.value.usage.prompt_tokens == 11
    assert caught.value.cost > 0


async def test_another_attempt_is_made_only_where_there_is_room_for_what_the_first_one_took(
    server: FakeLLM, soon: Soon
) -> None:
    asked: list[tuple[Usage, Decimal]] = []

    async def room(usage: Usage, cost: Decimal) -> bool:
        asked.append((usage, cost))
        return len(asked) == 1

    wanted = replace(ask(), response_schema={"type": "object", "required": ["mwh"]})
    server.set_script([Say("eighteen", usage=(40, 10)), Say("18", usage=(60, 20)), "never asked"])
    with pytest.raises(BadReply) as caught:
        await through(first(server), second(server), patience=SWIFT).complete(wanted, deadline=soon(), room=room)
    repairs = [
        Usage(prompt_tokens=usage.prompt_tokens - said) for (usage, _), said in zip(asked, (40, 100), strict=True)
    ]
    assert [usage.completion_tokens for usage, _ in asked] == [10, 30]
    assert 20 < repairs[0].prompt_tokens < repairs[1].prompt_tokens < 150, "what the repair adds to the prompt counts"
    assert asked[0][1] > (40 * Decimal("0.15") + 10 * Decimal("0.60")) / 1_000_000
    assert (len(server.ledger()), caught.value.usage) == (2, Usage(100, 30))


async def test_what_costs_nothing_needs_no_room(server: FakeLLM, soon: Soon) -> None:
    async def room(usage: Usage, cost: Decimal) -> bool:
        raise AssertionError("nothing was taken")

    server.set_script([Fault(status=500), Fault(status=401), "fine"])
    gateway = through(first(server), second(server), patience=SWIFT)
    assert (await gateway.complete(ask(), deadline=soon(), room=room)).provider == "ollama"


async def test_embeddings_are_asked_for_like_answers(server: FakeLLM, soon: Soon) -> None:
    breaker, limiter, seen = Breaker(), Limiter(), list[Observation]()
    gateway = through(first(server), breaker=breaker, limiter=limiter, observe=seen.append, patience=SWIFT)
    found = await gateway.embed(["Hello, world!"], model="text-embedding-3-small", deadline=soon())
    assert breaker.recorded == [("openai", "ok", "endpoint", None)]
    assert [(target.model, tokens) for target, tokens in limiter.asked] == [("text-embedding-3-small", 9)]
    assert [(each.outcome, each.usage, each.cost) for each in seen] == [("ok", Usage(4), found.cost)]


async def test_where_nobody_embeds_it_is_tried_twice_and_the_breaker_hears_of_it(soon: Soon) -> None:
    breaker = Breaker()
    gone = OpenAI(base_url=closed_url(), model="m", limits=PATIENT)
    with pytest.raises(ProviderUnreachable):
        await through(gone, breaker=breaker, patience=SWIFT).embed(["x"], deadline=soon())
    assert breaker.recorded == [("openai", "fail", "endpoint", None)] * 2
    with pytest.raises(CircuitOpen):
        await through(gone, breaker=Breaker(["openai"])).embed(["x"], deadline=soon())


async def test_retries_have_a_budget(server: FakeLLM, soon: Soon) -> None:
    server.set_script(lambda _: Fault(status=500))
    gateway = through(first(server), patience=SWIFT, budget=RetryBudget(few=3, window=3600))
    for _ in range(8):
        with pytest.raises(ProviderOverloaded):
            await gateway.complete(ask(), deadline=soon())
    assert len(server.ledger()) == 8 + 3


def test_a_tenth_of_the_recent_calls_may_be_retries() -> None:
    budget = RetryBudget(few=2, window=3600)
    for _ in range(100):
        budget.called("there")
    assert [budget.may_retry("there") for _ in range(12)] == [True] * 10 + [False] * 2
    assert budget.may_retry("elsewhere")


async def test_failover_is_quick(server: FakeLLM, soon: Soon) -> None:
    gateway = through(OpenAI(base_url=closed_url(), model="m", limits=PATIENT), second(server), patience=ONCE)
    reply = await gateway.complete(ask(), deadline=soon())
    assert reply.provider == "ollama"
    assert reply.trail[0].seconds < PATIENT.connect


async def test_names_that_do_not_resolve_and_ports_that_speak_no_tls(server: FakeLLM, soon: Soon) -> None:
    nowhere = OpenAI(base_url="http://does-not-exist.localhost/v1", model="m", limits=PATIENT)
    no_tls = OpenAI(base_url=server.openai_url.replace("http:", "https:"), model="m", limits=PATIENT)
    gateway = through(nowhere, no_tls, second(server), patience=ONCE)
    reply = await gateway.complete(ask(), deadline=soon())
    assert [each.outcome for each in reply.trail] == ["provider_unreachable", "provider_unreachable", "ok"]
    assert max(each.seconds for each in reply.trail) < PATIENT.connect


def test_a_named_provider_comes_first_but_never_before_a_private_one() -> None:
    hosted, other = link(OpenAI(base_url="http://a/v1")), link(OpenAI(base_url="http://b/v1", name="llamacpp"))
    house = link(Ollama("http://c"), private=True)
    assert in_order([hosted, other], "llamacpp/x") == [other, hosted]
    assert in_order([house, hosted, other], "llamacpp/x") == [house, other, hosted]
    assert in_order([hosted, house, other], "llamacpp/x") == [hosted, house, other]
    assert in_order([hosted, house, other], "ollama/x") == [house, hosted, other]
    assert in_order([hosted, other], "x") == [hosted, other]

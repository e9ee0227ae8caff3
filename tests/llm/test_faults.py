"""What each thing that can go wrong at a provider becomes: the error, how long it takes, and what it may say."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from agents.llm.failures import parse_retry_after
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import (
    BadReply,
    CredentialRefused,
    LLMError,
    Message,
    ModelMissing,
    ProviderOverloaded,
    ProviderUnreachable,
    RateLimited,
    Request,
    RequestRefused,
    ToolSpec,
    Usage,
)
from agents.llm.wire import Limits
from tests.llm.conftest import KEY, NO_ANSWER, NO_MORE, PATIENT, ProviderAt, ask
from tests.servers.llm import Call, FakeLLM, Fault, Say, Step, closed_url
from tests.servers.llm_wire import FaultKind

Soon = Callable[..., float]
TOOL = ToolSpec("search_knowledge", "", {"type": "object", "properties": {}})

FAULTS: list[tuple[str, Step, type[LLMError], str]] = [
    ("400", Fault(status=400), RequestRefused, "refused the request (400): The scripted server says no."),
    ("401", Fault(status=401), CredentialRefused, "refused the credential (401): The scripted server says no."),
    ("402", Fault(status=402), CredentialRefused, "refused the credential (402)"),
    ("403", Fault(status=403), CredentialRefused, "refused the credential (403)"),
    ("404", Fault(status=404), ModelMissing, "refused the request (404)"),
    ("408", Fault(status=408), ProviderOverloaded, "overloaded or failing (408)"),
    ("413", Fault(status=413), RequestRefused, "refused the request (413)"),
    ("429", Fault(status=429), RateLimited, "overloaded or failing (429): The scripted server says no."),
    ("500", Fault(status=500), ProviderOverloaded, "overloaded or failing (500)"),
    ("503", Fault(status=503), ProviderOverloaded, "overloaded or failing (503)"),
    ("529", Fault(status=529), ProviderOverloaded, "overloaded or failing (529)"),
    ("reset", Fault("reset"), ProviderUnreachable, "broke off."),
    ("truncated", Fault("truncated"), BadReply, "The answer broke off before its end."),
    ("html", Fault("html"), BadReply, "answers with a web page, not as a model server."),
    ("malformed", Fault("malformed"), BadReply, "The answer is not what "),
    (
        "stream error",
        Fault("stream_error"),
        ProviderOverloaded,
        "failed while it answered: The scripted server says no.",
    ),
    ("huge", Fault("huge"), BadReply, "The answer is larger than 4,000,000 bytes."),
    (
        "redirect",
        Fault("redirect", location="http://127.0.0.1:9/"),
        RequestRefused,
        "a redirect, which is not followed.",
    ),
    ("nothing said", Say(""), BadReply, "The answer is empty."),
    ("only blanks", Say(" \n "), BadReply, "The answer is empty."),
    ("cut at once", Say("", finish="length"), BadReply, "The token limit was reached before the model said anything."),
    ("tool not offered", Say(calls=[Call("rm", {})]), BadReply, "called a tool although none was offered."),
]


@pytest.mark.parametrize(("step", "kind", "detail"), [pytest.param(*case, id=name) for name, *case in FAULTS])
async def test_fault(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon, step: Step, kind: type[LLMError], detail: str
) -> None:
    server.set_script([step])
    provider = provider_at(server)
    with pytest.raises(LLMError) as caught:
        await provider.complete(ask(), deadline=soon())
    assert type(caught.value) is kind
    assert detail in caught.value.detail
    assert caught.value.provider == provider.name
    assert len(server.ledger()) == 1, "a provider never tries again by itself"


@pytest.mark.parametrize(
    ("kind", "limits", "detail"),
    [
        ("no_answer", NO_ANSWER, "No answer began within 0.3 seconds."),
        ("stall", NO_MORE, "The answer stopped: nothing came for 0.3 seconds."),
    ],
)
async def test_silence(provider_at: ProviderAt, soon: Soon, kind: FaultKind, limits: Limits, detail: str) -> None:
    with FakeLLM(lambda _: Fault(kind)) as server:
        provider = provider_at(server, limits)
        with pytest.raises(ProviderUnreachable, match=detail):
            await provider.complete(ask(), deadline=soon())
        assert len(server.ledger()) <= 1, "a provider never tries again by itself"


async def test_the_next_call_after_a_fault_is_good(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    faults = [step for _, step, _, _ in FAULTS if isinstance(step, Fault)]
    for fault in faults:
        server.set_script([fault, "fine"])
        with pytest.raises(LLMError):
            await provider_at(server).complete(ask(), deadline=soon())
        assert (await provider_at(server).complete(ask(), deadline=soon())).text == "fine"


async def test_no_choices(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault("empty_choices")] * 2)
    with pytest.raises(BadReply, match=r"^The answer is empty\.$"):
        await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(ask(), deadline=soon())
    with pytest.raises(BadReply, match=r"^The answer is not what Ollama sends\.$"):
        await Ollama(server.url, model="fake-1", limits=PATIENT).complete(ask(), deadline=soon())


async def test_out_of_credit_is_not_worth_a_retry(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=429, code="insufficient_quota")])
    with pytest.raises(CredentialRefused) as caught:
        await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(ask(), deadline=soon())
    assert not caught.value.retryable


async def test_nobody_listens(provider_at: ProviderAt, soon: Soon) -> None:
    url = closed_url()
    started = time.monotonic()
    with pytest.raises(ProviderUnreachable) as caught:
        await provider_at(url).complete(ask(), deadline=soon())
    assert url.removeprefix("http://") in caught.value.detail
    assert time.monotonic() - started < PATIENT.connect


@pytest.mark.parametrize("deadline", [0.4, 0.8])
async def test_a_drip_does_not_outlive_the_deadline(provider_at: ProviderAt, soon: Soon, deadline: float) -> None:
    with FakeLLM(lambda _: Fault("drip", interval=0.05)) as server:
        started = time.monotonic()
        with pytest.raises(ProviderUnreachable):
            await provider_at(server).complete(ask(), deadline=soon(deadline))
    assert deadline - 0.05 <= time.monotonic() - started < PATIENT.idle


async def test_a_drip_does_not_outlive_the_limit_of_an_attempt(provider_at: ProviderAt, soon: Soon) -> None:
    with FakeLLM(lambda _: Fault("drip", interval=0.05)) as server:
        started = time.monotonic()
        with pytest.raises(ProviderUnreachable):
            await provider_at(server, replace(PATIENT, total=0.4)).complete(ask(), deadline=soon())
    assert 0.35 <= time.monotonic() - started < PATIENT.idle


async def test_an_answer_that_keeps_coming_may_take_longer_than_its_first_byte(
    provider_at: ProviderAt, soon: Soon
) -> None:
    """A machine that stalls makes a pause of its own, of which the limits are right to speak; then it is tried again."""
    limits = replace(PATIENT, first_byte=0.4, idle=0.4, total=0.9)
    said: list[str] = []
    with FakeLLM(lambda _: Fault("drip", interval=0.02)) as server:
        while "The answer was not complete before the deadline." not in said:
            assert len(said) < 30, said
            with pytest.raises(ProviderUnreachable) as caught:
                await provider_at(server, limits).complete(ask(), deadline=soon())
            said.append(caught.value.detail)


async def test_headers_that_drip_do_not_outlive_the_deadline(provider_at: ProviderAt, soon: Soon) -> None:
    with FakeLLM(lambda _: Fault("drip_head", interval=0.05)) as server:
        started = time.monotonic()
        with pytest.raises(ProviderUnreachable):
            await provider_at(server).complete(ask(), deadline=soon(0.5))
        assert 0.45 <= time.monotonic() - started < PATIENT.idle


async def test_a_deadline_in_the_past_sends_nothing(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    with pytest.raises(ProviderUnreachable, match="deadline had passed"):
        await provider_at(server).complete(ask(), deadline=soon(-1))
    assert server.ledger() == []


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_the_key_is_never_echoed(provider_at: ProviderAt, server: FakeLLM, soon: Soon, status: int) -> None:
    server.set_script([Fault(status=status, message=f"Wrong key {KEY}, {{authorization}}, sk-other-0987654321.")])
    with pytest.raises(LLMError) as caught:
        await provider_at(server).complete(ask(), deadline=soon())
    told = f"{caught.value} {caught.value.args} {caught.value.__cause__} {caught.value.__context__}"
    assert KEY not in told
    assert "sk-other" not in told
    assert "Wrong key" in caught.value.detail


async def test_the_key_is_not_echoed_from_within_a_stream(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault("stream_error", message=f"Lost {KEY}")])
    with pytest.raises(ProviderOverloaded) as caught:
        await provider_at(server).complete(ask(), deadline=soon())
    assert KEY not in caught.value.detail
    assert "Lost" in caught.value.detail


async def test_an_error_page_is_not_quoted(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=502, message="<html><body>Bad gateway</body></html>")])
    with pytest.raises(ProviderOverloaded, match=r"\(502\): a web page$"):
        await provider_at(server).complete(ask(), deadline=soon())


@pytest.mark.parametrize("raw", ["{not json", '["a", "list"]', '"text"'])
async def test_arguments_that_are_no_object(server: FakeLLM, soon: Soon, raw: str) -> None:
    server.set_script([Say(calls=[Call("search_knowledge", raw)])] * 2)
    request = Request([Message("user", "?")], tools=[TOOL])
    with pytest.raises(BadReply, match="not a JSON object"):
        await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(request, deadline=soon())
    with pytest.raises(BadReply):
        await Ollama(server.url, model="fake-1", limits=PATIENT).complete(request, deadline=soon())


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("18.4", r"\$: 18.4 is not of type 'object'"),
        ("{}", "'mwh' is a required property"),
        ("It is 18.4.", "not JSON"),
    ],
)
async def test_json_that_breaks_the_schema(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon, said: str, fault: str
) -> None:
    schema = {"type": "object", "properties": {"mwh": {"type": "number"}}, "required": ["mwh"]}
    server.set_script([said])
    with pytest.raises(BadReply, match=fault):
        await provider_at(server).complete(Request([Message("user", "?")], response_schema=schema), deadline=soon())


@pytest.mark.parametrize("usage", [None, (-1, -5), (0, 0), (10**12, 10**12)])
async def test_usage_that_cannot_be_true_is_counted_by_us(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon, usage: tuple[int, int] | None
) -> None:
    server.set_script([Say("It stores 18.4 MWh.", usage=usage)])
    reply = await provider_at(server).complete(ask("How much does the station store?"), deadline=soon())
    assert reply.usage == Usage(11, 7)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("3600", 3600.0), ("-5", None), ("0", None), ("soon", None), ("nan", None), ("", None)],
)
async def test_retry_after_in_seconds(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon, value: str, seconds: float | None
) -> None:
    server.set_script([Fault(status=429, retry_after=value)])
    with pytest.raises(ProviderOverloaded) as caught:
        await provider_at(server).complete(ask(), deadline=soon())
    assert caught.value.retry_after == seconds


async def test_retry_after_as_a_date() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    behind = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert parse_retry_after({"retry-after": ahead}) == pytest.approx(90, abs=60)
    assert parse_retry_after({"retry-after": behind}) is None
    assert parse_retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5


async def test_what_the_listener_raises_is_the_listeners(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    def stop(_: str) -> None:
        raise ValueError("the run was cancelled")

    server.set_script(["one two three"])
    with pytest.raises(ValueError, match="the run was cancelled"):
        await provider_at(server).complete(ask(), deadline=soon(), on_text=stop)


async def test_a_model_that_does_not_keep_to_its_limit_is_cut_off(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon
) -> None:
    server.set_script([Say("word " * 3_000, usage=(10, 3_000)), Say("word " * 120, usage=(10, 100))])
    asked = Request(ask().messages, max_tokens=100)
    reply = await provider_at(server).complete(asked, deadline=soon())
    assert reply.finish_reason == "length"
    assert 150 < reply.usage.completion_tokens < 300
    kept_to_it = await provider_at(server).complete(asked, deadline=soon())
    assert (kept_to_it.text.count("word"), kept_to_it.usage.completion_tokens) == (120, 100), "our own count is a guess"


async def test_a_thousand_tool_calls_in_one_answer(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say(calls=[Call("search_knowledge", {"n": n}) for n in range(1_000)])])
    with pytest.raises(BadReply, match="called 1,000 tools in one answer; at most 128 are taken"):
        await provider_at(server).complete(Request(ask().messages, tools=[TOOL]), deadline=soon())

"""Servers that answer in form and mean no good, or were written in a hurry: whatever they send, a call ends with an answer or with an LLMError."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from agents.llm.breaker import CircuitBreaker
from agents.llm.failures import parse_retry_after
from agents.llm.providers.openai import OpenAI
from agents.llm.types import BadReply, Message, RateLimited, Request, RequestRefused, ToolCall, ToolSpec, Usage
from agents.llm.wire import Way
from tenants.egress import Policy, egress_transport
from tests.llm.conftest import PATIENT, ask, make_provider, through, until
from tests.servers.llm import FakeLLM, Say
from tests.servers.web import Asked, Page, Web

Soon = Callable[..., float]
DEEP = b"[" * 100_000
TOOL = ToolSpec("look_up", "", {"type": "object", "properties": {}})
STREAM = {"Content-Type": "text/event-stream"}


@pytest.fixture(scope="module")
def _web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def web(_web: Web) -> Web:
    _web.asked.clear()
    _web.pages.clear()
    return _web


def events(*objects: Any) -> Page:
    lines = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in objects)
    return Page(b"".join(b"data: %b\n\n" % line for line in lines) + b"data: [DONE]\n\n", headers=STREAM)


def chat(content: Any = "Hi", *, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": content}, "finish_reason": finish}], **more}


def calling(raw: str, **more: Any) -> dict[str, Any]:
    function = {"name": "look_up", "arguments": raw}
    return {
        "choices": [
            {"delta": {"tool_calls": [{"index": 0, "id": "1", "function": function} | more]}, "finish_reason": "stop"}
        ]
    }


def gemini(part: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}], **more}


def claude(text: Any) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ]


PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/fake-1:streamGenerateContent",
    "ollama": "/api/chat",
}
NO_ANSWERS: list[tuple[str, str, Page]] = [
    ("a number for a text", "openai", events(chat(5))),
    ("an object for the model", "openai", events(chat(model={"a": 1}))),
    ("an object for the reason", "openai", events(chat(finish={"a": 1}))),
    ("a number for a call", "openai", events(calling("{}", id=7))),
    ("brackets without end", "openai", events(DEEP)),
    ("no number", "openai", events(calling('{"depth": NaN}'))),
    ("arguments without end", "openai", events(calling('{"a":' * 50_000))),
    ("a number for a text", "anthropic", events(*claude(5))),
    ("brackets without end", "anthropic", events(DEEP)),
    ("a number for a tool", "gemini", events(gemini({"functionCall": {"name": 5, "args": {}}}))),
    ("a list for arguments", "gemini", events(gemini({"functionCall": {"name": "look_up", "args": [1]}}))),
    ("brackets without end", "gemini", events(DEEP)),
    ("brackets without end", "ollama", Page(DEEP + b"\n")),
]


@pytest.mark.parametrize(("kind", "page"), [pytest.param(*case, id=f"{case[0]}: {name}") for name, *case in NO_ANSWERS])
async def test_what_is_no_answer_is_said_to_be_none(web: Web, soon: Soon, kind: str, page: Page) -> None:
    web.pages[PATHS[kind]] = page
    provider = make_provider(kind, web.url("").rstrip("/"))
    with pytest.raises(BadReply):
        await provider.complete(replace(ask(), tools=[TOOL]), deadline=soon())


async def test_an_answer_that_is_no_json_to_its_depth_is_asked_for_again(web: Web, soon: Soon) -> None:
    pages = iter([events(chat("[" * 50_000)), events(chat('{"a": 1}'))])
    web.pages[PATHS["openai"]] = lambda _: next(pages)
    gateway = through(make_provider("openai", web.url("").rstrip("/")))
    reply = await gateway.complete(replace(ask(), response_schema={"type": "object"}), deadline=soon())
    assert (reply.text, reply.attempts) == ('{"a": 1}', 2)


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
async def test_an_error_without_end_is_an_error(web: Web, soon: Soon, kind: str) -> None:
    web.pages[PATHS[kind]] = Page(DEEP, status=400, headers={"Content-Type": "application/json"})
    with pytest.raises(RequestRefused):
        await make_provider(kind, web.url("").rstrip("/")).complete(ask(), deadline=soon())


async def test_thoughts_beside_an_answer_are_no_part_of_it(web: Web, soon: Soon) -> None:
    """As Mistral's reasoning models send them."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    web.pages[PATHS["openai"]] = events(chat([thought, {"type": "text", "text": "Four."}]))
    reply = await make_provider("openai", web.url("").rstrip("/")).complete(ask(), deadline=soon())
    assert reply.text == "Four."


USAGES: list[tuple[str, Any, Usage]] = [
    ("a word", "much", Usage(11, 1)),
    ("a list of details", {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": [1]}, Usage(9, 2)),
    (
        "reasoning beside the answer",
        {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 511, "completion_tokens_details": {"reasoning_tokens": 500}},
        Usage(9, 502),
    ),
    (
        "reasoning within the answer",
        {"prompt_tokens": 9, "completion_tokens": 502, "total_tokens": 511, "completion_tokens_details": {"reasoning_tokens": 500}},
        Usage(9, 502),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("told", "counted"), [pytest.param(*case, id=name) for name, *case in USAGES])
async def test_counts_do_not_cost_an_answer(web: Web, soon: Soon, told: Any, counted: Usage) -> None:
    web.pages[PATHS["openai"]] = events(chat(), {"choices": [], "usage": told})
    reply = await make_provider("openai", web.url("").rstrip("/")).complete(ask(), deadline=soon())
    assert (reply.text, reply.usage) == ("Hi", counted)


async def test_thoughts_are_paid_for_where_nothing_came_of_them(web: Web, soon: Soon) -> None:
    cut = {"candidates": [{"content": {}, "finishReason": "MAX_TOKENS"}]}
    cut["usageMetadata"] = {"promptTokenCount": 9, "thoughtsTokenCount": 900}  # type: ignore[assignment]
    web.pages[PATHS["gemini"]] = events(cut)
    with pytest.raises(BadReply) as caught:
        await make_provider("gemini", web.url("").rstrip("/")).complete(ask(), deadline=soon())
    assert caught.value.usage == Usage(9, 900)


async def test_a_prompt_of_calls_is_as_long_as_its_provider_says(web: Web, soon: Soon) -> None:
    """What was written by a call is read by the model like any other text."""
    web.pages[PATHS["openai"]] = events(
        chat(), {"choices": [], "usage": {"prompt_tokens": 11_000, "completion_tokens": 2}}
    )
    written = Message("assistant", "", tool_calls=(ToolCall("1", "write", {"text": "tide " * 10_000}),))
    asked = Request([Message("user", "Write."), written, Message("tool", "Done.", tool_call_id="1")])
    reply = await make_provider("openai", web.url("").rstrip("/")).complete(asked, deadline=soon())
    assert reply.usage == Usage(11_000, 2)


DELAYS = ["1.2.3s", "...s", "9" * 400 + "s", "²s", "-5s"]


@pytest.mark.parametrize("details", [[{"retryDelay": delay} for delay in DELAYS], ["x"], [None], 5, {"a": 1}])
async def test_a_delay_that_is_none(web: Web, soon: Soon, details: Any) -> None:
    error = {"code": 429, "message": "Slow down.", "details": details}
    web.pages[PATHS["gemini"]] = Page(json.dumps({"error": error}).encode(), status=429)
    with pytest.raises(RateLimited) as caught:
        await make_provider("gemini", web.url("").rstrip("/")).complete(ask(), deadline=soon())
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    "told", ["1e306", "1" * 300, "Sat, 25 Mar 3026 07:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
async def test_a_wait_without_sense_is_a_day(web: Web, soon: Soon, told: str) -> None:
    web.pages[PATHS["openai"]] = Page(b"{}", status=429, headers={"Retry-After": told})
    gateway = through(make_provider("openai", web.url("").rstrip("/")), breaker=CircuitBreaker(None))
    with pytest.raises(RateLimited) as caught:
        await gateway.complete(ask(), deadline=soon())
    assert caught.value.retry_after == 86_400
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "told", ["1e400", "nan", "-5", "²", "Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"]
)
def test_a_wait_that_is_none(told: str) -> None:
    assert parse_retry_after({"retry-after": told}) is None
    assert parse_retry_after({"retry-after-ms": "-5"}) is None


def refusing(web: Web, refuses: Callable[[dict[str, Any]], str]) -> OpenAI:
    """A server that says what it does not take, if anything; each has an address of its own, as what is learned is kept by it."""
    base = f"/{len(web.pages)}-{id(refuses)}/v1"

    def answer(asked: Asked) -> Page:
        said = refuses(json.loads(asked.body))
        return Page(json.dumps({"error": {"message": said}}).encode(), status=400) if said else events(chat())

    web.pages[f"{base}/chat/completions"] = answer
    return OpenAI(base_url=web.url(base), model="fake-1", limits=PATIENT)


def sent(web: Web) -> list[Any]:
    return [json.loads(asked.body).get("max_tokens") for asked in web.asked]


async def test_an_answer_longer_than_the_model_gives_is_asked_for_without_a_bound(web: Web, soon: Soon) -> None:
    """And only such a one: a shorter bound is sent as ever."""
    most = 4_096

    def refuses(body: dict[str, Any]) -> str:
        wanted = body.get("max_tokens", body.get("max_completion_tokens", 0))
        return (
            f"max_tokens is too large: {wanted}. This model supports at most {most} completion tokens."
            if wanted > most
            else ""
        )

    provider = refusing(web, refuses)
    for longest in (32_768, 32_768, 64):
        await provider.complete(replace(ask(), max_tokens=longest), deadline=soon())
    assert sent(web) == [32_768, None, None, 64]


async def test_who_takes_neither_name_of_a_bound_gets_none(web: Web, soon: Soon) -> None:
    provider = refusing(
        web,
        lambda body: next(
            (f"Unknown field {name}." for name in ("max_tokens", "max_completion_tokens") if name in body), ""
        ),
    )
    await provider.complete(replace(ask(), max_tokens=64), deadline=soon())
    assert len(web.asked) == 3


async def test_who_refuses_everything_is_not_asked_for_ever(web: Web, soon: Soon) -> None:
    """Not again and again until the deadline, as fast as the network lets us."""
    provider = refusing(
        web, lambda _: "No temperature, no stop, no stream_options, no max_tokens, no max_completion_tokens."
    )
    with pytest.raises(RequestRefused):
        await provider.complete(replace(ask(), max_tokens=64, stop=["."]), deadline=soon())
    assert len(web.asked) <= 7


async def test_a_workspaces_own_server_is_asked_by_as_many_as_there_are(soon: Soon) -> None:
    """Who waits for a free connection would be told that the server does not answer."""
    go_on = threading.Event()
    with FakeLLM(lambda _: Say("Fine.", until=go_on)) as server:
        address = urlsplit(server.url)
        policy = Policy(local=frozenset({("127.0.0.1", address.port or 0)}))
        provider = OpenAI(
            base_url=server.openai_url,
            model="fake-1",
            limits=PATIENT,
            way=Way(transport=lambda: egress_transport(policy)),
        )
        calls = [asyncio.create_task(provider.complete(ask(), deadline=soon())) for _ in range(40)]
        await until(lambda: len(server.ledger()) == 40)
        go_on.set()
        assert {reply.text for reply in await asyncio.gather(*calls)} == {"Fine."}

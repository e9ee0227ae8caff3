"""What is particular to each vendor: shapes on the wire, embeddings, settings that a model turns down."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from agents.llm.providers.anthropic import Anthropic
from agents.llm.providers.gemini import Gemini
from agents.llm.providers.offline import Offline
from agents.llm.providers.openai import OFFICIAL, OpenAI
from agents.llm.types import (
    BadReply,
    ContextTooLong,
    CredentialRefused,
    Image,
    Message,
    ModelMissing,
    PolicyRefused,
    RateLimited,
    Request,
    RequestRefused,
    ToolCall,
    ToolSpec,
    Usage,
)
from agents.llm.vendors import Connection, route_to
from agents.llm.wire import close_clients
from tests.llm.conftest import KEY, PATIENT, ProviderAt, ask, through
from tests.servers.llm import FakeLLM, Fault, Say, closed_url

Soon = Callable[..., float]
SEARCH = ToolSpec("search_knowledge", "Find it.", {"type": "object", "properties": {"query": {"type": "string"}}})
SCHEMA = {"type": "object", "properties": {"mwh": {"type": "number"}}, "required": ["mwh"]}
CONVERSATION = [
    Message("system", "You are careful."),
    Message("user", "Find it."),
    Message("assistant", "I look.", tool_calls=(ToolCall("call_1", "search_knowledge", {"query": "storage"}),)),
    Message("tool", "It stores 18.4 MWh.", tool_call_id="call_1"),
    Message("user", "Go on."),
]


def claude(server: FakeLLM) -> Anthropic:
    return Anthropic(base_url=server.anthropic_url, model="claude-haiku-4-5", api_key=KEY, limits=PATIENT)


def gemini(server: FakeLLM) -> Gemini:
    return Gemini(base_url=server.gemini_url, model="gemini-2.5-flash", api_key=KEY, limits=PATIENT)


async def test_a_conversation_with_claude(server: FakeLLM, soon: Soon) -> None:
    await claude(server).complete(Request(CONVERSATION, tools=[SEARCH], stop=["END"]), deadline=soon())
    body = server.ledger()[0].body
    assert body["system"] == "You are careful."
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "call_1", "name": "search_knowledge", "input": {"query": "storage"}},
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "call_1", "content": "It stores 18.4 MWh."},
        {"type": "text", "text": "Go on."},
    ]
    assert body["tools"] == [{"name": "search_knowledge", "description": "Find it.", "input_schema": SEARCH.parameters}]
    assert (body["max_tokens"], body["stop_sequences"], body["temperature"]) == (8192, ["END"], 0.0)


async def test_a_conversation_with_gemini(server: FakeLLM, soon: Soon) -> None:
    await gemini(server).complete(Request(CONVERSATION, tools=[SEARCH], max_tokens=70), deadline=soon())
    seen = server.ledger()[0]
    assert seen.path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert seen.body["systemInstruction"] == {"parts": [{"text": "You are careful."}]}
    assert [turn["role"] for turn in seen.body["contents"]] == ["user", "model", "user"]
    call = seen.body["contents"][1]["parts"][1]
    assert call["functionCall"] == {"name": "search_knowledge", "args": {"query": "storage"}}
    result = {"name": "search_knowledge", "response": {"result": "It stores 18.4 MWh."}}
    assert seen.body["contents"][2]["parts"] == [{"functionResponse": result}, {"text": "Go on."}]
    assert seen.body["generationConfig"] == {"temperature": 0.0, "maxOutputTokens": 70}


async def test_a_schema_is_a_setting_where_there_is_one(server: FakeLLM, soon: Soon) -> None:
    server.set_script(['{"mwh": 18.4}'] * 3)
    request = Request([Message("user", "How much?")], response_schema=SCHEMA)
    for provider in (claude(server), gemini(server)):
        assert (await provider.complete(request, deadline=soon())).text == '{"mwh": 18.4}'
    with_tools = Request(request.messages, response_schema=SCHEMA, tools=[SEARCH])
    await gemini(server).complete(with_tools, deadline=soon())
    first, second, third = (seen.body for seen in server.ledger())
    assert first["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert second["generationConfig"]["responseJsonSchema"] == SCHEMA
    assert "responseJsonSchema" not in third["generationConfig"]
    assert "JSON Schema" in third["systemInstruction"]["parts"][0]["text"]


async def test_a_model_without_schemas_gets_it_in_words_from_then_on(soon: Soon) -> None:
    refusal = Fault(status=400, message="This response_format type is unavailable now")
    with FakeLLM([refusal, '{"mwh": 1}', '{"mwh": 2}']) as server:
        provider = OpenAI(base_url=server.openai_url, model="plain", limits=PATIENT)
        request = Request([Message("user", "How much?")], response_schema=SCHEMA)
        replies = [await provider.complete(request, deadline=soon()) for _ in range(2)]
        asked = server.ledger()
    assert [reply.text for reply in replies] == ['{"mwh": 1}', '{"mwh": 2}']
    assert ["response_format" in seen.body for seen in asked] == [True, False, False]
    assert "JSON Schema" in asked[2].messages[-1]["content"]


async def test_a_model_without_temperature_is_asked_without(soon: Soon) -> None:
    refusal = Fault(status=400, message="`temperature` is deprecated for this model.", code="invalid_request_error")
    with FakeLLM([refusal, "fine", "fine"]) as server:
        for _ in range(2):
            assert (await claude(server).complete(ask(), deadline=soon())).text == "fine"
        assert ["temperature" in seen.body for seen in server.ledger()] == [True, False, False]


async def test_a_refusal_for_another_reason_is_told_at_once(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=400, message="messages: roles must alternate")])
    with pytest.raises(RequestRefused, match="roles must alternate"):
        await claude(server).complete(ask(), deadline=soon())
    assert len(server.ledger()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=400, message="This model's maximum context length is 8192 tokens."), ContextTooLong),
        (Fault(status=400, message="prompt is too long: 210000 tokens > 200000 maximum"), ContextTooLong),
        (Fault(status=400, message="The input token count (9) exceeds the maximum"), ContextTooLong),
        (Fault(status=400, message="Your request was rejected by our content policy."), PolicyRefused),
        (Fault(status=404, message="model 'x' not found"), ModelMissing),
        (Fault(status=400, message="API key not valid. Please pass a valid API key."), CredentialRefused),
        (Fault(status=400, message="Your credit balance is too low"), CredentialRefused),
        (Fault(status=429, message="Slow down"), RateLimited),
    ],
)
async def test_refusals_are_told_apart(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon, fault: Fault, kind: type[Exception]
) -> None:
    server.set_script([fault])
    with pytest.raises(Exception) as caught:  # noqa: PT011 - its type is what is tested
        await provider_at(server).complete(ask(), deadline=soon())
    assert type(caught.value) is kind


@pytest.mark.parametrize(("provider", "finish"), [(claude, "content_filter"), (gemini, "RECITATION")])
async def test_an_answer_that_a_policy_forbids(
    server: FakeLLM, soon: Soon, provider: Callable[[FakeLLM], Anthropic | Gemini], finish: str
) -> None:
    server.set_script([Say("", finish=finish)])
    with pytest.raises(PolicyRefused):
        await provider(server).complete(ask(), deadline=soon())


async def test_a_call_that_gemini_could_not_form(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("I will", finish="MALFORMED_FUNCTION_CALL")])
    with pytest.raises(BadReply, match="broke off"):
        await gemini(server).complete(ask(), deadline=soon())


async def test_gemini_says_in_words_when_to_come_back(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Fault(status=429, delay_told="3.5s")])
    with pytest.raises(RateLimited) as caught:
        await gemini(server).complete(ask(), deadline=soon())
    assert caught.value.retry_after == 3.5


@pytest.mark.parametrize("name", ["../../files", "x:generateContent?key=1", "", "a/b"])
async def test_a_model_name_leads_nowhere_else(server: FakeLLM, soon: Soon, name: str) -> None:
    with pytest.raises(RequestRefused, match="not the name of a Gemini model"):
        await Gemini(base_url=server.gemini_url, model=name, api_key=KEY).complete(ask(), deadline=soon())
    assert server.ledger() == []


async def test_what_was_cached_costs_less(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("Yes.", usage=(400, 20, 300))] * 3)
    long = ask("word " * 300)
    providers = [claude(server), gemini(server), OpenAI(base_url=server.openai_url, model="gpt-4o-mini")]
    replies = [await through(provider).complete(long, deadline=soon()) for provider in providers]
    assert {reply.usage for reply in replies} == {Usage(400, 20, 300)}
    assert [reply.cost for reply in replies] == [
        (100 * Decimal(1) + 300 * Decimal("0.10") + 20 * Decimal(5)) / 1_000_000,
        (100 * Decimal("0.30") + 300 * Decimal("0.03") + 20 * Decimal("2.50")) / 1_000_000,
        (100 * Decimal("0.15") + 300 * Decimal("0.075") + 20 * Decimal("0.60")) / 1_000_000,
    ]


async def test_pictures(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    picture = Image("image/png", b"\x89PNG-canary")
    await provider_at(server).complete(Request([Message("user", "What is it?", images=(picture,))]), deadline=soon())
    assert base64.b64encode(picture.data).decode() in str(server.ledger()[0].body)
    assert "PNG-canary" not in repr(picture)


async def test_a_picture_goes_to_a_model_that_can_see_it(server: FakeLLM, soon: Soon) -> None:
    wanted = Request([Message("user", "What is it?", images=(Image("image/png", b"\x89PNG"),))])
    blind = OpenAI(base_url=server.openai_url, model="gpt-3.5-turbo")
    seeing = OpenAI(base_url=server.openai_url, model="gpt-4o-mini")
    assert (await through(Offline(), blind, seeing).complete(wanted, deadline=soon())).model == "gpt-4o-mini"
    assert len(server.ledger()) == 1
    with pytest.raises(RequestRefused, match=r"gpt-3\.5-turbo cannot look at pictures\."):
        await through(blind).complete(wanted, deadline=soon())


async def test_embeddings(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    provider = provider_at(server)
    if provider.name == "anthropic":
        with pytest.raises(RequestRefused, match="no embeddings"):
            await provider.embed(["one"], model="", deadline=soon())
        return
    vectors = await provider.embed(["one", "two two"], model="fake-1", deadline=soon())
    assert [len(vector) for vector in vectors] == [64, 64]
    assert sum(value * value for value in vectors[1]) == pytest.approx(1)
    assert vectors[0] != vectors[1]


async def test_embeddings_through_the_gateway(server: FakeLLM, soon: Soon) -> None:
    found = await through(OpenAI(base_url=server.openai_url), Offline()).embed(
        ["Hello, world!"], model="text-embedding-3-small", deadline=soon()
    )
    assert (found.model, found.usage, found.cost) == ("text-embedding-3-small", Usage(4), Decimal("0.00000008"))
    with pytest.raises(RequestRefused, match="offline provider has no embeddings"):
        await through(Offline()).embed(["x"], deadline=soon())


async def test_health(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    well = await provider_at(server).health(deadline=soon())
    assert (well.ok, well.detail) == (True, "Serves 1 model.")
    gone = await provider_at(closed_url()).health(deadline=soon())
    assert not gone.ok
    assert "No connection to" in gone.detail


async def test_an_older_installation_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "agents.llm.providers.anthropic")
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(RequestRefused, match="Claude needs a client that is not installed here"):
        route_to(Connection("anthropic", api_key="x"))


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        (Connection("openai", api_key="sk-a"), ("openai", OFFICIAL, True, False)),
        (Connection("openai", "http://a/v1"), ("openai", "http://a/v1", False, False)),
        (Connection("llamacpp", "http://a/"), ("llamacpp", "http://a/v1", False, True)),
        (Connection("ollama", "http://a"), ("ollama", "http://a", False, True)),
        (Connection("anthropic", api_key="x"), ("anthropic", "https://api.anthropic.com", True, False)),
        (
            Connection("gemini", api_key="x"),
            ("gemini", "https://generativelanguage.googleapis.com/v1beta", True, False),
        ),
    ],
)
def test_a_connection_as_a_route(connection: Connection, told: tuple[Any, ...]) -> None:
    route = route_to(connection)
    assert (route.provider.name, route.target.base_url, route.target.public, route.private) == told
    assert (route.target.credential == "") == (connection.api_key == "")
    assert "sk-a" not in repr((connection, route.target))


def test_a_vendor_that_nobody_knows() -> None:
    with pytest.raises(RequestRefused, match="no provider 'bard'"):
        route_to(Connection("bard"))


async def test_clients_are_closed_with_their_loop(server: FakeLLM, soon: Soon) -> None:
    await claude(server).complete(ask(), deadline=soon())
    await close_clients()
    await claude(server).complete(ask(), deadline=soon())
    assert len({seen.connection for seen in server.ledger()}) == 2

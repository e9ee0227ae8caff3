"""What comes back from a provider when everything goes well, and what is sent to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import Message, Request, ToolCall, ToolSpec, Usage
from tests.llm.conftest import KEY, PATIENT, ProviderAt, ask
from tests.servers.llm import Call, FakeLLM, Say, Seen

Soon = Callable[..., float]
SEARCH = ToolSpec(
    "search_knowledge",
    "Find passages.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
)


async def test_text_with_usage(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("It stores 18.4 MWh.", usage=(41, 9))])
    provider = provider_at(server)
    reply = await provider.complete(ask(), deadline=soon())
    assert (reply.text, reply.finish_reason, reply.model) == ("It stores 18.4 MWh.", "stop", "fake-1")
    assert reply.usage == Usage(41, 9)
    assert (reply.provider, reply.cost) == (provider.name, Decimal(0))


async def test_pieces_of_text_arrive_in_order(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script(["one two three"])
    heard: list[str] = []
    reply = await provider_at(server).complete(ask(), deadline=soon(), on_text=heard.append)
    assert heard == ["one ", "two ", "three"]
    assert reply.text == "one two three"


async def test_tool_calls(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say(calls=[Call("search_knowledge", {"query": "storage"}), Call("search_knowledge", {})])])
    request = Request([Message("user", "Find it.")], tools=[SEARCH])
    reply = await provider_at(server).complete(request, deadline=soon())
    assert [(call.name, dict(call.arguments)) for call in reply.tool_calls] == [
        ("search_knowledge", {"query": "storage"}),
        ("search_knowledge", {}),
    ]
    assert len({call.id for call in reply.tool_calls}) == 2
    assert (reply.text, reply.finish_reason) == ("", "tool_calls")
    assert server.ledger()[0].tools == ["search_knowledge"]


async def test_tool_results_go_back_to_the_model(chat_provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    conversation = [
        Message("system", "You are careful."),
        Message("user", "Find it."),
        Message("assistant", "", tool_calls=(ToolCall("call_1", "search_knowledge", {"query": "storage"}),)),
        Message("tool", "[study.pdf, p. 2]\nIt stores 18.4 MWh.", tool_call_id="call_1"),
    ]
    await chat_provider_at(server).complete(Request(conversation, tools=[SEARCH]), deadline=soon())
    sent = server.ledger()[0].messages
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    arguments = sent[2]["tool_calls"][0]["function"]["arguments"]
    assert (json.loads(arguments) if isinstance(arguments, str) else arguments) == {"query": "storage"}
    assert sent[3]["content"] == "[study.pdf, p. 2]\nIt stores 18.4 MWh."
    assert (sent[3].get("tool_call_id") or sent[3].get("tool_name")) in {"call_1", "search_knowledge"}


async def test_call_ids_of_ollama_do_not_repeat_in_a_conversation(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say(calls=[Call("search_knowledge", {})])])
    before = Message("assistant", "", tool_calls=(ToolCall("call_1", "search_knowledge", {}),))
    request = Request([before, Message("tool", "nothing", tool_call_id="call_1")], tools=[SEARCH])
    reply = await Ollama(server.url, model="fake-1", limits=PATIENT).complete(request, deadline=soon())
    assert [call.id for call in reply.tool_calls] == ["call_2"]


async def test_json_of_the_schema_loses_its_fence(chat_provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    schema = {"type": "object", "properties": {"mwh": {"type": "number"}}, "required": ["mwh"]}
    server.set_script(['```json\n{"mwh": 18.4}\n```'])
    reply = await chat_provider_at(server).complete(
        Request([Message("user", "?")], response_schema=schema), deadline=soon()
    )
    assert reply.text == '{"mwh": 18.4}'
    body = server.ledger()[0].body
    assert schema in (body.get("format"), body.get("response_format", {}).get("json_schema", {}).get("schema"))


async def test_what_is_asked_is_what_is_sent(server: FakeLLM, soon: Soon) -> None:
    request = Request([Message("user", "Hi")], model="other", temperature=0.5, max_tokens=70, stop=["END"])
    await Ollama(server.url, limits=PATIENT).complete(request, deadline=soon())
    await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(request, deadline=soon())
    ollama, openai = (seen.body for seen in server.ledger())
    assert (ollama["model"], openai["model"]) == ("other", "other")
    assert ollama["options"] == {"temperature": 0.5, "num_predict": 70, "stop": ["END"], "num_ctx": 8192}
    assert (openai["temperature"], openai["max_tokens"], openai["stop"]) == (0.5, 70, ["END"])


async def test_ollama_gets_room_for_a_long_prompt(server: FakeLLM, soon: Soon) -> None:
    await Ollama(server.url, model="fake-1", limits=PATIENT).complete(ask("word " * 9_000), deadline=soon())
    assert server.ledger()[0].body["options"]["num_ctx"] == 16_384


async def test_a_stream_without_done_marker_is_whole_if_it_said_why_it_ends(server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("All of it.", done_marker=False)])
    reply = await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(ask(), deadline=soon())
    assert (reply.text, reply.finish_reason) == ("All of it.", "stop")


async def test_the_token_limit_is_told(provider_at: ProviderAt, server: FakeLLM, soon: Soon) -> None:
    server.set_script([Say("Cut in the", finish="length")])
    assert (await provider_at(server).complete(ask(), deadline=soon())).finish_reason == "length"


async def test_models(provider_at: ProviderAt, soon: Soon) -> None:
    with FakeLLM(models=["qwen3:4b", "nomic-embed-text"]) as server:
        assert await provider_at(server).models(deadline=soon()) == ["qwen3:4b", "nomic-embed-text"]


async def test_one_connection_serves_many_calls_and_many_objects(
    provider_at: ProviderAt, server: FakeLLM, soon: Soon
) -> None:
    for _ in range(5):
        await provider_at(server).complete(ask(), deadline=soon())
    assert len({seen.connection for seen in server.ledger()}) == 1


async def test_calls_at_the_same_time(provider_at: ProviderAt, soon: Soon) -> None:
    with FakeLLM(lambda seen: f"you said {said_in(seen)}", latency=0.05) as server:
        provider = provider_at(server)
        replies = await asyncio.gather(*(provider.complete(ask(str(number)), deadline=soon()) for number in range(20)))
    assert [reply.text for reply in replies] == [f"you said {number}" for number in range(20)]


CREDENTIALS = {"gemini": ("x-goog-api-key", KEY)}


async def test_only_what_a_model_server_needs_is_sent(
    provider_at: ProviderAt, soon: Soon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Canary: yes")
    monkeypatch.setenv("OLLAMA_API_KEY", "ollama-canary")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "anthropic-canary")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Canary: yes")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with FakeLLM() as server:  # a new address, so that the clients are made with this environment
        provider = provider_at(server)
        await provider.complete(ask(), deadline=soon())
        await OpenAI(base_url=server.openai_url, limits=PATIENT).complete(ask(), deadline=soon())
        await Ollama(server.url, model="fake-1", limits=PATIENT).complete(ask(), deadline=soon())
        with_key, *keyless = (dict(seen.headers) for seen in server.ledger())
    name, value = CREDENTIALS.get(provider.name, ("authorization", f"Bearer {KEY}"))
    assert with_key.pop(name) == value
    for headers in (with_key, *keyless):
        assert "authorization" not in headers
        assert "canary" not in str(headers)
        assert not [name for name in headers if name.startswith("x-")]


def said_in(seen: Seen) -> str:
    content = seen.messages[0]["content"]
    return content if isinstance(content, str) else content[0]["text"]

"""A model over HTTP with nothing in between: the runtime is tested without the gateway, which has tests of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from agents.llm.types import Message, OnText, ProviderOverloaded, Reply, Request, ToolCall, Usage
from agents.runtimes.outcome import CallId, Complete
from tests.servers.llm import FakeLLM


def model_at(server: FakeLLM | str) -> Complete:
    """The OpenAI door of a model server, or its address in another process."""
    url = server if isinstance(server, str) else server.openai_url

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        async with (
            httpx.AsyncClient(verify=False, timeout=120, trust_env=False) as client,
            client.stream("POST", f"{url}/chat/completions", json=_body(request)) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ProviderOverloaded(f"The model answered {answer.status_code}.", provider="openai")
            return await _reply(answer.aiter_lines(), on_text)

    return complete


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model or "fake-1",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": request.temperature,
        "messages": [_turn(message) for message in request.messages],
    }
    if request.max_tokens:
        body["max_tokens"] = request.max_tokens
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    if request.response_schema:
        schema = {"name": "answer", "schema": request.response_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id:
        turn["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in message.tool_calls
        ]
    return turn


async def _reply(lines: AsyncIterator[str], on_text: OnText | None) -> Reply:
    text, usage, calls = "", Usage(), dict[int, dict[str, str]]()
    async for line in lines:
        if not line.startswith("data: {"):
            continue
        event = json.loads(line.removeprefix("data: "))
        if counted := event.get("usage"):
            usage = Usage(counted["prompt_tokens"], counted["completion_tokens"])
        for delta in (choice.get("delta", {}) for choice in event.get("choices", ())):
            if piece := delta.get("content"):
                text += piece
                if on_text:
                    on_text(piece)
            _gather(calls, delta)
    found = tuple(ToolCall(call["id"], call["name"], json.loads(call["arguments"] or "{}")) for call in calls.values())
    return Reply(text, "openai", "fake-1", usage, found, "tool_calls" if found else "stop")


def _gather(calls: dict[int, dict[str, str]], delta: Mapping[str, Any]) -> None:
    for part in delta.get("tool_calls") or ():
        call = calls.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
        call["id"] += part.get("id") or ""
        call["name"] += part["function"].get("name") or ""
        call["arguments"] += part["function"].get("arguments") or ""

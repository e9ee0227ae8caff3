"""Questions and answers of models as JSON, for the record of a run, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from agents.llm.types import Message, Reply, Request, ToolCall, Usage


def request_as_json(request: Request) -> dict[str, Any]:
    """What was asked, without what only says how (caching). Of an image its digest stands for it."""
    return {
        "messages": [_message(message) for message in request.messages],
        "model": request.model,
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in request.tools
        ],
        "response_schema": request.response_schema,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "stop": list(request.stop),
    }


def hash_of(value: Any) -> str:
    """The same for the same JSON value, whatever the order of its keys. 64 hexadecimal digits."""
    return hashlib.sha256(orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def reply_as_json(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "tool_calls": [_call(call) for call in reply.tool_calls],
        "finish_reason": reply.finish_reason,
        "usage": [reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens],
        "cost": str(reply.cost),
        "provider": reply.provider,
        "model": reply.model,
    }


def reply_from_json(kept: Mapping[str, Any]) -> Reply:
    return Reply(
        text=kept["text"],
        provider=kept["provider"],
        model=kept["model"],
        usage=Usage(*kept["usage"]),
        tool_calls=tuple(ToolCall(call["id"], call["name"], call["arguments"]) for call in kept["tool_calls"]),
        finish_reason=kept["finish_reason"],
        cost=Decimal(kept["cost"]),
    )


def _message(message: Message) -> dict[str, Any]:
    kept: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        kept["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id:
        kept["tool_call_id"] = message.tool_call_id
    if message.images:
        kept["images"] = [{"media_type": image.media_type, "sha256": image.digest} for image in message.images]
    return kept


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}


def _plain(value: Any) -> Any:
    """Text that is no Unicode (half a surrogate pair) is hashed with a replacement character."""
    try:
        orjson.dumps(value, default=str)
    except TypeError:
        return _replaced(value)
    return value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_replaced(str(name)): _replaced(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each) for each in value]
    return str(value) if isinstance(value, int) else value

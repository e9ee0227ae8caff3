"""How Anthropic and Gemini put an answer on the wire, and what all four protocols have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from tests.servers import llm_wire as wire
from tests.servers.llm_wire import Call, Fault, Protocol, Say

_ANTHROPIC_FINISH = {"": "end_turn", "stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_GEMINI_FINISH = {"": "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def anthropic_events(say: Say, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events of a streamed `/v1/messages`."""
    usage = wire.counted(say, body)
    opening: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
    opening |= {"model": say.model or body.get("model", ""), "stop_reason": None}
    if usage is not None:
        cached = usage[2] if len(usage) > 2 else 0
        fresh = usage[0] - cached if isinstance(usage[0], int) else usage[0]
        opening["usage"] = {"input_tokens": fresh, "output_tokens": 1, "cache_read_input_tokens": cached}
    yield {"type": "message_start", "message": opening}
    blocks = list(_anthropic_blocks(say))
    for index, (start, deltas) in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    finish = "tool_use" if say.calls and not say.finish else _ANTHROPIC_FINISH.get(say.finish, say.finish)
    closing: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": finish}}
    if usage is not None:
        closing["usage"] = {"output_tokens": usage[1]}
    yield closing
    yield {"type": "message_stop"}


def _anthropic_blocks(say: Say) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    if say.text:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in wire.pieces(say.text)]
    for number, call in enumerate(say.calls, start=1):
        yield _tool_use(number, call)


def _tool_use(number: int, call: Call) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    raw = wire.decoded(call.arguments)
    middle = len(raw) // 2
    fragments = [{"type": "input_json_delta", "partial_json": part} for part in (raw[:middle], raw[middle:])]
    return {"type": "tool_use", "id": f"toolu_{number}", "name": call.name, "input": {}}, fragments


def gemini_chunks(say: Say, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects of a `:streamGenerateContent?alt=sse`; the last one has the reason of its end and the counts."""
    model = {"modelVersion": say.model} if say.model else {}

    def chunk(parts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0, **more}], **model}

    for piece in wire.pieces(say.text):
        yield chunk([{"text": piece}])
    if say.calls:
        yield chunk([{"functionCall": {"name": call.name, "args": call.arguments}} for call in say.calls])
    last = chunk([{"text": ""}], finishReason=_GEMINI_FINISH.get(say.finish, say.finish))
    if (usage := wire.counted(say, body)) is not None:
        last["usageMetadata"] = {"promptTokenCount": usage[0], "candidatesTokenCount": usage[1]}
        if len(usage) > 2:
            last["usageMetadata"]["cachedContentTokenCount"] = usage[2]
    yield last


def stream_frames(protocol: Protocol, say: Say, body: Mapping[str, Any]) -> Iterator[bytes]:
    """A whole streamed answer, event by event; without `done_marker` it lacks what says that it is over."""
    match protocol:
        case "ollama":
            lines = (line for line in wire.ollama_lines(say, body) if say.done_marker or not line["done"])
            return (json.dumps(line).encode() + b"\n" for line in lines)
        case "anthropic":
            over = () if say.done_marker else ("message_delta", "message_stop")
            events = (event for event in anthropic_events(say, body) if event["type"] not in over)
            return (f"event: {event['type']}\n".encode() + _data(event) for event in events)
        case "gemini":
            chunks = gemini_chunks(say, body)
            return (_data(c) for c in chunks if say.done_marker or "finishReason" not in c["candidates"][0])
    end = [b"data: [DONE]\n\n"] if say.done_marker else []
    return chain(map(_data, wire.openai_chunks(say, body)), end)


def whole(protocol: Protocol, say: Say, body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer that is not streamed; our providers stream from the hosted ones always."""
    return wire.ollama_whole(say, body) if protocol == "ollama" else wire.openai_whole(say, body)


def error_frame(protocol: Protocol, fault: Fault, message: str) -> bytes:
    """An error object in the middle of a stream."""
    match protocol:
        case "ollama":
            return json.dumps({"error": message}).encode() + b"\n"
        case "anthropic":
            error = {"type": fault.code or "overloaded_error", "message": message}
            return b"event: error\n" + _data({"type": "error", "error": error})
        case "gemini":
            return _data({"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}})
    return _data({"error": {"message": message, "type": "server_error", "code": fault.code or 500}})


def error_body(protocol: Protocol, fault: Fault, message: str) -> dict[str, Any]:
    """The body of an error status."""
    match protocol:
        case "ollama":
            return {"error": message}
        case "anthropic":
            return {"type": "error", "error": {"type": fault.code or "api_error", "message": message}}
        case "gemini":
            error = {"code": fault.status, "message": message, "status": fault.code or "UNKNOWN"}
            return {"error": error | ({"details": [{"retryDelay": fault.delay_told}]} if fault.delay_told else {})}
    return {"error": {"message": message, "type": "error", "code": fault.code or None}}


def empty(protocol: Protocol, body: Mapping[str, Any]) -> bytes:
    """One well-formed event that holds no answer."""
    match protocol:
        case "ollama":
            answer = {"model": body.get("model", ""), "created_at": "2026-01-01T00:00:00Z", "done": True}
            return json.dumps(answer).encode() + b"\n"
        case "anthropic":
            return _data({"type": "message_start", "message": {"model": "", "content": []}})
        case "gemini":
            return _data({"candidates": []})
    return _data({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "", "choices": []})


def malformed(protocol: Protocol) -> bytes:
    return b'{"message": {"role"\n' if protocol == "ollama" else b'data: {"choices": [{"delta"\n\n'


def models(protocol: Protocol, names: Sequence[str]) -> dict[str, Any]:
    """The list of models, as each protocol gives it."""
    match protocol:
        case "ollama":
            return {"models": [{"name": name, "model": name} for name in names]}
        case "anthropic":
            data = [{"type": "model", "id": name, "display_name": name, "created_at": _EPOCH} for name in names]
            return {"data": data, "has_more": False, "first_id": None, "last_id": None}
        case "gemini":
            methods = ["generateContent", "countTokens"]
            return {"models": [{"name": f"models/{name}", "supportedGenerationMethods": methods} for name in names]}
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


_EPOCH = "2026-01-01T00:00:00Z"


def _data(answer: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(answer).encode() + b"\n\n"

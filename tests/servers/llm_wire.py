"""What a fake model server may say, and how Ollama and OpenAI put it on the wire (the others: llm_hosted)."""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Protocol = Literal["ollama", "openai", "anthropic", "gemini"]
FaultKind = Literal[
    "status",  # an error status, with an error object
    "no_answer",  # the request is read, nothing is ever sent
    "drip",  # a good stream, one byte at a time
    "drip_head",  # a status line, then a header that never ends, one byte at a time
    "stall",  # one piece of text, then silence
    "reset",  # half a stream, then a TCP reset
    "truncated",  # half a stream that ends politely, without an end marker
    "html",  # a 200 that is a web page
    "malformed",  # a 200 that is half a JSON object
    "empty_choices",  # well-formed, with no choice or message in it
    "stream_error",  # a piece of text, then an error object in the stream
    "huge",  # an answer of more than 4 MB
    "redirect",  # 302 to `location`
]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` as an object, or as raw text to send something malformed."""

    name: str
    arguments: Mapping[str, Any] | str


@dataclass(frozen=True, slots=True)
class Say:
    """A reply. `usage` None leaves it out; the default counts words; a third number is the cached part of the prompt.

    It comes when `until` is set, and `delay` seconds later, on top of the server's latency.
    """

    text: str = ""
    calls: Sequence[Call] = ()
    usage: tuple[Any, ...] | Literal["words"] | None = "words"
    model: str = ""
    finish: str = ""
    delay: float = 0.0
    done_marker: bool = True
    until: threading.Event | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong. `{authorization}` in `message` becomes the header that the client sent.

    `delay` passes before it, `delay_told` is what Gemini says of when to come back ("3.5s").
    """

    kind: FaultKind = "status"
    status: int = 500
    retry_after: str = ""
    message: str = "The scripted server says no."
    code: str = ""
    interval: float = 0.1
    location: str = ""
    delay: float = 0.0
    delay_told: str = ""


Step = Say | Fault | str


def step_from_json(item: Any) -> Step:
    """`"text"`, `{"say": {...}}` or `{"fault": {...}}`, as posted to the control address."""
    if isinstance(item, str):
        return item
    if "fault" in item:
        return Fault(**item["fault"])
    say = dict(item["say"])
    say["calls"] = tuple(Call(**call) for call in say.get("calls", ()))
    return Say(**say)


def pieces(text: str) -> list[str]:
    """The text as a model streams it: a word and its space at a time."""
    words = text.split(" ")
    return [word + " " for word in words[:-1]] + [words[-1]] if text else []


def counted(say: Say, body: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Tokens of prompt and reply, and of what was cached where the script says so."""
    if say.usage != "words":
        return say.usage
    prompt = sum(len(str(message.get("content") or "").split()) for message in body.get("messages", ()))
    return prompt, len(say.text.split()) + sum(1 + len(str(call.arguments).split()) for call in say.calls)


def decoded(arguments: Mapping[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def ollama_lines(say: Say, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON lines of `/api/chat`; the last one has `done` and the counts."""
    base = {"model": say.model or body.get("model", ""), "created_at": "2026-01-01T00:00:00Z"}
    for piece in pieces(say.text):
        yield {**base, "message": {"role": "assistant", "content": piece}, "done": False}
    if say.calls:
        calls = [{"function": {"name": call.name, "arguments": call.arguments}} for call in say.calls]
        yield {**base, "message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False}
    last = {**base, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": say.finish or "stop"}
    if (usage := counted(say, body)) is not None:
        last |= {"prompt_eval_count": usage[0], "eval_count": usage[1]}
    yield last


def ollama_whole(say: Say, body: Mapping[str, Any]) -> dict[str, Any]:
    lines = list(ollama_lines(say, body))
    message: dict[str, Any] = {"role": "assistant", "content": say.text}
    for line in lines:
        if "tool_calls" in line["message"]:
            message["tool_calls"] = line["message"]["tool_calls"]
    return {**lines[-1], "message": message}


def openai_calls(say: Say) -> list[dict[str, Any]]:
    return [
        {
            "index": i,
            "id": f"call_{i}",
            "type": "function",
            "function": {"name": call.name, "arguments": decoded(call.arguments)},
        }
        for i, call in enumerate(say.calls)
    ]


def openai_finish(say: Say) -> str:
    return say.finish or ("tool_calls" if say.calls else "stop")


def openai_usage(say: Say, body: Mapping[str, Any]) -> dict[str, Any] | None:
    usage = counted(say, body)
    if usage is None:
        return None
    total = usage[0] + usage[1] if all(isinstance(count, int) for count in usage) else 0
    told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": total}
    return told if len(usage) == 2 else told | {"prompt_tokens_details": {"cached_tokens": usage[2]}}


def openai_chunks(say: Say, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The data objects of a streamed `/v1/chat/completions`, without the `[DONE]` that follows them."""
    base = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": say.model or body.get("model", ""),
    }

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(say.text):
        yield chunk({"content": piece})
    if say.calls:
        yield chunk({"tool_calls": openai_calls(say)})
    yield chunk({}, openai_finish(say))
    usage = openai_usage(say, body)
    if usage is not None and (body.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage}


def openai_whole(say: Say, body: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": say.text or None}
    if say.calls:
        message["tool_calls"] = openai_calls(say)
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": say.model or body.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": openai_finish(say)}],
    }
    if (usage := openai_usage(say, body)) is not None:
        answer["usage"] = usage
    return answer


# Words that mean the same to the fake model: no word search knows that.
ALIKE = {
    "boat": "ship",
    "boats": "ship",
    "ships": "ship",
    "vessel": "ship",
    "vessels": "ship",
    "invoice": "bill",
    "invoices": "bill",
}


def embedding(text: str, size: int = 64) -> list[float]:
    """A unit vector of hashed words: the same text gives the same vector, words shared or alike bring vectors closer."""
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(ALIKE.get(word, word).encode()).digest()
        vector[digest[0] % size] += 1.0 if digest[1] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]

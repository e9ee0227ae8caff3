"""An approximate token counter, for where the provider does not count or cannot be believed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from agents.llm import pictures
from agents.llm.types import Request, ToolCall, Usage

PER_MESSAGE = 4
MOST_COMPLETION = 200_000
USUAL_COMPLETION = 500
SHORT = 4_000  # characters of a text whose count is remembered

_PIECES = re.compile(r"[A-Za-z]+|\d+|\n+|[^\W\d_A-Za-z]+|[^\w\s]+|_+")


def count(text: str) -> int:
    """Tokens of `text`, roughly as a byte-pair vocabulary of 100,000 pieces would cut it.

    Common English words are one token, long ones are two or three, digits go in threes, ideographs one each, other
    letters in pairs. English prose comes out at about 4.3 characters per token; expect 15 % off, more for code.
    """
    return _count_once(text) if len(text) <= SHORT else _count(text)


def _count(text: str) -> int:
    return sum(_piece(piece) for piece in _PIECES.findall(text))


_count_once = lru_cache(512)(_count)  # the same prompts come again and again


def _piece(piece: str) -> int:
    if piece.isascii():
        if piece.isalpha():
            return 1 + (len(piece) - 1) // 8
        return 1 if piece[0] == "\n" else (len(piece) + 2) // 3
    if "\u2e80" <= piece[0] <= "\ud7ff":
        return len(piece)
    return (len(piece) + 1) // 2


def count_request(request: Request, provider: str = "") -> int:
    """Tokens of everything that a request sends: messages with their tool calls, tools, and the schema of the answer; pictures as
    `provider` counts them for the request's model."""
    total = sum(count(message.content) + PER_MESSAGE + _calls(message.tool_calls) for message in request.messages)
    shown = (image for message in request.messages for image in message.images)
    total += sum(pictures.tokens_of(image, provider, request.model) for image in shown)
    total += sum(count(tool.name) + count(tool.description) + _json(tool.parameters) for tool in request.tools)
    return total + (_json(request.response_schema) if request.response_schema else 0)


def count_reply(text: str, calls: Sequence[ToolCall] = ()) -> int:
    return count(text) + _calls(calls)


class Counted(Protocol):
    """An answer with the counts that its provider sent, whatever they are."""

    request: Request
    provider: str
    calls: list[ToolCall]
    prompt_tokens: object
    completion_tokens: object
    cached_tokens: object


def believable(answer: Counted, text: str) -> Usage:
    """The provider's counts where they can be true, else our own.

    A prompt cannot have more tokens than bytes, a picture no more than any vendor counts; a reply may hold unseen reasoning, so only a count beyond the limit of any
    model is absurd. Zero for something that is not empty means that the provider does not count.
    """
    said_in = _sane(answer.prompt_tokens, most=4 * _characters(answer.request) + 2_000)
    said_out = _sane(answer.completion_tokens, most=MOST_COMPLETION)
    prompt = said_in or count_request(answer.request, answer.provider)
    cached = _sane(answer.cached_tokens, most=prompt)
    return Usage(prompt, said_out or count_reply(text, answer.calls), cached)


def _sane(value: object, *, most: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most else 0


def _characters(request: Request) -> int:
    texts = [message.content for message in request.messages]
    texts += [tool.name + tool.description for tool in request.tools]
    images = sum(len(message.images) for message in request.messages)
    calls = (call for message in request.messages for call in message.tool_calls)
    shapes = [{call.name: dict(call.arguments)} for call in calls]
    shapes += [dict(tool.parameters) for tool in request.tools] + [dict(request.response_schema or {})]
    return sum(map(len, texts)) + sum(len(json.dumps(shape)) for shape in shapes) + images * pictures.DEAREST


def _calls(calls: Sequence[ToolCall]) -> int:
    return sum(count(call.name) + _json(call.arguments) for call in calls)


def _json(value: Any) -> int:
    return count(json.dumps(value, ensure_ascii=False))

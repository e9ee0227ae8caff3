"""Turning the pieces of a streamed answer into one reply, or into the reason why it is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from agents.llm.schemas import json_text
from agents.llm.tokens import believable, count
from agents.llm.types import BadReply, FinishReason, LLMError, OnText, PolicyRefused, Reply, Request, ToolCall

MOST_CALLS = 128  # tool calls in one answer, as many as OpenAI's API lets a model make
BEYOND = 1.5
SHOWN = 2_000  # characters of a call that the model is shown again
FINISHES: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream brought. Counts are as the provider sent them, believed by nobody yet.

    `prompt_tokens` include `cached_tokens`, whatever the provider's own way of counting.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    model: str = ""
    prompt_tokens: object = None
    completion_tokens: object = None
    cached_tokens: object = None


def well_formed(piece: Piece) -> Piece:
    """The piece. Raises TypeError where a word is none: servers send numbers and lists where a text belongs."""
    if not (isinstance(piece.text, str) and isinstance(piece.finish, str) and isinstance(piece.model, str)):
        raise TypeError("not a text")
    for call in piece.calls:
        if not (isinstance(call.id, str) and isinstance(call.name, str) and isinstance(call.arguments, Mapping)):
            raise TypeError("not a call")
    return piece


@dataclass(slots=True)
class Draft:
    """An answer that is still coming in."""

    request: Request
    provider: str
    model: str
    on_text: OnText | None = None
    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    finish: str = ""
    prompt_tokens: object = None
    completion_tokens: object = None
    cached_tokens: object = None
    _length: int = 0
    _looks_at: int = 0

    def add(self, piece: Piece) -> None:
        self.texts.append(piece.text)
        self._length += len(piece.text)
        self.calls += piece.calls
        self.finish = piece.finish or self.finish
        self.model = piece.model or self.model
        if piece.prompt_tokens is not None:
            self.prompt_tokens = piece.prompt_tokens
        if piece.completion_tokens is not None:
            self.completion_tokens = piece.completion_tokens
        if piece.cached_tokens is not None:
            self.cached_tokens = piece.cached_tokens
        if self.on_text is not None and piece.text:
            self.on_text(piece.text)

    def goes_on_too_long(self) -> bool:
        """Whether the model does not keep to the limit that it was given; by our own count, so not before half as much again."""
        if self.request.max_tokens is None or self._length <= max(self._looks_at, self.request.max_tokens):
            return False
        self._looks_at = self._length + self._length // 4
        return count("".join(self.texts)) > self.request.max_tokens * BEYOND + 64

    def reply(self, *, first_byte_seconds: float = 0.0) -> Reply:
        """The whole answer. Raises BadReply where the pieces add up to nothing, PolicyRefused where a policy said no."""
        text, calls = "".join(self.texts), tuple(self.calls)
        if (fault := self._fault(text)) is not None:
            raise fault
        if not calls and self.request.response_schema is not None:
            text = json_text(text, self.request.response_schema, provider=self.provider)
        return Reply(
            text=text,
            provider=self.provider,
            model=self.model,
            usage=believable(self, text),
            tool_calls=calls,
            finish_reason="tool_calls" if calls else FINISHES.get(self.finish, "stop"),
            first_byte_seconds=first_byte_seconds,
        )

    def charge(self, failure: LLMError) -> None:
        """Note at a failure what the provider will ask for what it sent, as far as we can tell."""
        text = "".join(self.texts)
        if text or self.calls or self.prompt_tokens is not None:
            failure.usage = believable(self, text)

    def _fault(self, text: str) -> BadReply | PolicyRefused | None:
        if self.finish == "content_filter" and not text.strip():
            return PolicyRefused("The provider's policy refused to answer.", provider=self.provider)
        if self.calls and not self.request.tools:
            said = _as_written(self.calls[0].name, json.dumps(dict(self.calls[0].arguments)))
            none = "The model called a tool although none was offered."
            return BadReply(none, provider=self.provider, said=said, wish="Answer in words, without a tool.")
        if len(self.calls) > MOST_CALLS:
            detail = f"The model called {len(self.calls):,} tools in one answer; at most {MOST_CALLS} are taken."
            return BadReply(detail, provider=self.provider)
        if self.calls:
            return None
        if not text.strip():
            cut = "The token limit was reached before the model said anything."
            return BadReply(cut if self.finish == "length" else "The answer is empty.", provider=self.provider)
        return None if self.finish else BadReply("The answer broke off before its end.", provider=self.provider)


def arguments(raw: str, *, tool: str, provider: str) -> Mapping[str, Any]:
    """The arguments of a tool call, decoded. Nothing at all counts as an empty object; `NaN` is no JSON."""
    try:
        decoded = json.loads(raw or "{}", parse_constant=_no_number)
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        detail = f"The model called {tool[:80]!r} with arguments that are not a JSON object."
        wish = "Call it again, with one JSON object as its arguments."
        raise BadReply(detail, provider=provider, said=_as_written(tool, raw), wish=wish)
    return decoded


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _as_written(tool: str, raw: str) -> str:
    """A call as the model wrote it, for the model to look at."""
    return f"{tool[:80]}({raw[:SHOWN]})"

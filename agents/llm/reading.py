"""Turning the pieces of a streamed answer into one reply, or into the reason why it is none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.llm.schemas import json_text
from agents.llm.tokens import believable
from agents.llm.types import BadReply, FinishReason, OnText, Reply, Request, RequestRefused, ToolCall

FINISHES: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream brought. Counts are as the provider sent them, believed by nobody yet."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    model: str = ""
    prompt_tokens: object = None
    completion_tokens: object = None


@dataclass(slots=True)
class _Draft:
    texts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    finish: str = ""
    model: str = ""
    prompt_tokens: object = None
    completion_tokens: object = None

    def add(self, piece: Piece) -> None:
        self.texts.append(piece.text)
        self.calls += piece.calls
        self.finish = piece.finish or self.finish
        self.model = piece.model or self.model
        if piece.prompt_tokens is not None:
            self.prompt_tokens = piece.prompt_tokens
        if piece.completion_tokens is not None:
            self.completion_tokens = piece.completion_tokens


def read(pieces: Iterable[Piece], request: Request, *, provider: str, model: str, on_text: OnText | None) -> Reply:
    """The reply that `pieces` add up to. Raises BadReply where they add up to nothing, RequestRefused where a policy said no."""
    draft = _Draft()
    for piece in pieces:
        draft.add(piece)
        if on_text is not None and piece.text:
            on_text(piece.text)
    text, calls = "".join(draft.texts), tuple(draft.calls)
    refusal = _fault(draft, text, request)
    if refusal is not None:
        raise type(refusal)(refusal.detail, provider=provider)
    usage = believable(draft.prompt_tokens, draft.completion_tokens, request, text, calls)
    return Reply(
        text=text
        if calls or request.response_schema is None
        else json_text(text, request.response_schema, provider=provider),
        provider=provider,
        model=draft.model or model,
        usage=usage,
        tool_calls=calls,
        finish_reason="tool_calls" if calls else FINISHES.get(draft.finish, "stop"),
    )


def _fault(draft: _Draft, text: str, request: Request) -> BadReply | RequestRefused | None:
    if draft.finish == "content_filter" and not text.strip():
        return RequestRefused("The provider's policy refused to answer.")
    if draft.calls and not request.tools:
        return BadReply("The model called a tool although none was offered.")
    if draft.calls:
        return None
    if not text.strip():
        cut = draft.finish == "length"
        return BadReply(
            "The token limit was reached before the model said anything." if cut else "The answer is empty."
        )
    return None if draft.finish else BadReply("The answer broke off before its end.")


def arguments(raw: str, *, tool: str, provider: str) -> Mapping[str, Any]:
    """The arguments of a tool call, decoded. Nothing at all counts as an empty object."""
    try:
        decoded = json.loads(raw or "{}")
    except ValueError:
        decoded = None
    if not isinstance(decoded, dict):
        raise BadReply(f"The model called {tool[:80]!r} with arguments that are not a JSON object.", provider=provider)
    return decoded

"""Models behind OpenAI's chat completions, at OpenAI or at any address that speaks the same."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx
import openai
import pydantic
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

from agents.llm import wire
from agents.llm.failures import NO_CREDIT, from_status, place, redact
from agents.llm.reading import Piece, arguments, read
from agents.llm.types import (
    BadReply,
    LLMError,
    Message,
    OnText,
    ProviderOverloaded,
    ProviderUnreachable,
    Reply,
    Request,
    ToolCall,
    ToolSpec,
)

OFFICIAL = "https://api.openai.com/v1"

# The client looks into whatever JSON an event holds before it knows what it is.
NOT_AN_ANSWER = (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, pydantic.ValidationError)
CLIENT_ERRORS = (LLMError, openai.OpenAIError, httpx.HTTPError, httpx.InvalidURL, *NOT_AN_ANSWER)

_REASONING = re.compile(r"o\d|gpt-5")

_clients: wire.ClientPool[openai.OpenAI] = wire.ClientPool()


class OpenAI:
    """OpenAI, or a compatible server at `base_url`, which may need no key. `name` labels it in replies and errors."""

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = "",
        model: str = "",
        name: str = "openai",
        proxy: str = "",
        limits: wire.Limits | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url or OFFICIAL
        self.model = model
        self._key = api_key
        self._proxy = proxy
        self._limits = limits or wire.Limits()

    def complete(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        model = request.model or self.model
        with (
            wire.watching(self._limits, deadline=deadline, provider=self.name) as watch,
            closing(self._pieces(request, model, watch)) as pieces,
        ):
            return read(pieces, request, provider=self.name, model=model, on_text=on_text)

    def models(self, *, deadline: float) -> list[str]:
        failure: LLMError
        with wire.watching(self._limits, deadline=deadline, provider=self.name) as watch:
            try:
                return [entry.id for entry in self._client().models.list().data]
            except CLIENT_ERRORS as error:
                failure = self._failure(error, watch)
        raise failure

    def _client(self) -> openai.OpenAI:
        def make() -> openai.OpenAI:
            place(self.base_url)
            options = wire.client_options(keyless=not self._key, proxy=self._proxy)
            return openai.OpenAI(
                api_key=self._key or "none", base_url=self.base_url, max_retries=0, http_client=httpx.Client(**options)
            )

        return _clients.get((self.base_url, self._key, self._proxy), make)

    def _pieces(self, request: Request, model: str, watch: wire.Watch) -> Generator[Piece]:
        failure: LLMError
        try:
            chat = chat_arguments(request, model, official=self.base_url == OFFICIAL)
            with self._client().chat.completions.create(**chat) as stream:
                yield from self._read(stream)
        except CLIENT_ERRORS as error:
            failure = self._failure(error, watch)
        else:
            return
        raise failure

    def _read(self, stream: Iterable[ChatCompletionChunk]) -> Iterator[Piece]:
        calls: dict[int, _Call] = {}
        for chunk in stream:
            yield from _pieces(chunk, calls)
        yield Piece(calls=tuple(call.whole(index, self.name) for index, call in sorted(calls.items())))

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError:
        """What went wrong, in our words. Raised outside the handler, so that no vendor exception travels along."""
        own = watch.tripped or (error if isinstance(error, LLMError) else None)
        if own is not None:
            return own
        if isinstance(error, openai.APIStatusError):
            return self._from_status(error, watch)
        if isinstance(error, openai.APIConnectionError):
            return self._unreachable(error.__cause__ or error)
        if isinstance(error, NOT_AN_ANSWER):
            return BadReply("The answer is not what a chat completions server sends.", provider=self.name)
        if isinstance(error, openai.APIError):
            return self._in_stream(error)
        return self._unreachable(error)

    def _from_status(self, error: openai.APIStatusError, watch: wire.Watch) -> LLMError:
        return from_status(
            error.status_code,
            str(error.body.get("message", "")) if isinstance(error.body, dict) else error.message,
            provider=self.name,
            secret=self._key,
            code=str(error.code or ""),
            retry_after=watch.retry_after,
        )

    def _in_stream(self, error: openai.APIError) -> LLMError:
        said = redact(error.message, self._key)
        if str(error.code or "") in NO_CREDIT or str(error.code) in {"400", "401", "403"}:
            return from_status(int(error.code or 0) if str(error.code).isdigit() else 402, said, provider=self.name)
        return ProviderOverloaded(f"{self.name} failed while it answered: {said}", provider=self.name)

    def _unreachable(self, cause: BaseException) -> LLMError:
        if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol | httpx.InvalidURL):
            return ProviderUnreachable(f"No connection to {self.name} at {place(self.base_url)}.", provider=self.name)
        return ProviderUnreachable(f"The connection to {self.name} broke off.", provider=self.name)


class _Call:
    """A tool call that arrives in fragments."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = ""

    def add(self, fragment: ChoiceDeltaToolCall) -> None:
        self.id = fragment.id or self.id
        if fragment.function is not None:
            self.name += fragment.function.name or ""
            self.arguments += fragment.function.arguments or ""

    def whole(self, index: int, provider: str) -> ToolCall:
        decoded = arguments(self.arguments, tool=self.name, provider=provider)
        return ToolCall(id=self.id or f"call_{index + 1}", name=self.name, arguments=decoded)


def _pieces(chunk: ChatCompletionChunk, calls: dict[int, _Call]) -> Iterator[Piece]:
    if chunk.usage is not None:
        yield Piece(prompt_tokens=chunk.usage.prompt_tokens, completion_tokens=chunk.usage.completion_tokens)
    for choice in chunk.choices[:1]:
        for fragment in choice.delta.tool_calls or ():
            calls.setdefault(fragment.index or 0, _Call()).add(fragment)
        finish = "content_filter" if choice.delta.refusal else choice.finish_reason or ""
        yield Piece(text=choice.delta.content or "", finish=finish, model=chunk.model or "")


def chat_arguments(request: Request, model: str, *, official: bool) -> dict[str, Any]:
    """OpenAI's own address takes `max_completion_tokens`, others know only `max_tokens`; reasoning models take no sampling."""
    chat: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if not (official and _REASONING.match(model)):
        chat["temperature"] = request.temperature
        if request.stop:
            chat["stop"] = list(request.stop)[:4]
    if request.max_tokens is not None:
        chat["max_completion_tokens" if official else "max_tokens"] = request.max_tokens
    if request.tools:
        chat["tools"] = [_tool(tool) for tool in request.tools]
    if request.response_schema is not None:
        schema = {"name": "answer", "schema": dict(request.response_schema)}
        chat["response_format"] = {"type": "json_schema", "json_schema": schema}
    return chat


def _message(message: Message) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        sent["tool_calls"] = [_call(call) for call in message.tool_calls]
        sent["content"] = message.content or None
    if message.role == "tool":
        sent["tool_call_id"] = message.tool_call_id
    return sent


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}

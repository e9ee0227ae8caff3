"""Models served by Ollama, through its own client."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from itertools import count
from typing import Any

import httpx
import ollama
import pydantic

from agents.llm import wire
from agents.llm.failures import from_status, place, redact
from agents.llm.reading import Piece, read
from agents.llm.tokens import count_request
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

# The client calls `.get` on whatever JSON a line holds, and builds pydantic objects from it.
NOT_AN_ANSWER = (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, pydantic.ValidationError)
CLIENT_ERRORS = (LLMError, ollama.ResponseError, httpx.HTTPError, httpx.InvalidURL, ConnectionError, *NOT_AN_ANSWER)

CONTEXT_SIZES = (8_192, 16_384, 32_768, 65_536, 131_072)
ROOM_FOR_ANSWER = 2_048

_clients: wire.ClientPool[ollama.Client] = wire.ClientPool()


class Ollama:
    """Ollama at `base_url`. `model` is used where a request names none; `api_key` is for a server behind a proxy."""

    name = "ollama"

    def __init__(self, base_url: str, *, model: str = "", api_key: str = "", limits: wire.Limits | None = None) -> None:
        self.base_url = base_url
        self.model = model
        self._key = api_key
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
                return [entry.model for entry in self._client().list().models if entry.model]
            except CLIENT_ERRORS as error:
                failure = self._failure(error, watch)
        raise failure

    def _client(self) -> ollama.Client:
        def make() -> ollama.Client:
            place(self.base_url)
            headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
            return ollama.Client(self.base_url, headers=headers, **wire.client_options(keyless=not self._key))

        return _clients.get((self.base_url, self._key), make)

    def _pieces(self, request: Request, model: str, watch: wire.Watch) -> Generator[Piece]:
        failure: LLMError
        try:
            numbers = count(sum(len(message.tool_calls) for message in request.messages) + 1)
            for part in self._client().chat(model, **chat_arguments(request), stream=True):
                yield _piece(part, numbers)
        except CLIENT_ERRORS as error:
            failure = self._failure(error, watch)
        else:
            return
        raise failure

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError:
        """What went wrong, in our words. Raised outside the handler, so that no vendor exception travels along."""
        own = watch.tripped or (error if isinstance(error, LLMError) else None)
        if own is not None:
            return own
        if isinstance(error, ollama.ResponseError):
            return self._from_response(error, watch)
        if isinstance(error, NOT_AN_ANSWER):
            return BadReply("The answer is not what Ollama sends.", provider=self.name)
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | ConnectionError):
            return ProviderUnreachable(f"No connection to Ollama at {place(self.base_url)}.", provider=self.name)
        return ProviderUnreachable("The connection to Ollama broke off.", provider=self.name)

    def _from_response(self, error: ollama.ResponseError, watch: wire.Watch) -> LLMError:
        if error.status_code < 0:
            said = redact(str(error.error), self._key)
            return ProviderOverloaded(f"ollama failed while it answered: {said}", provider=self.name)
        return from_status(
            error.status_code, str(error.error), provider=self.name, secret=self._key, retry_after=watch.retry_after
        )


def chat_arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {"messages": _messages(request), "options": _options(request)}
    if request.tools:
        arguments["tools"] = [_tool(tool) for tool in request.tools]
    if request.response_schema is not None:
        arguments["format"] = dict(request.response_schema)
    return arguments


def _options(request: Request) -> dict[str, Any]:
    """Ollama cuts a prompt to 4,096 tokens without a word unless told otherwise; sizes in steps, as each one reloads the model."""
    needed = count_request(request) * 5 // 4 + (request.max_tokens or ROOM_FOR_ANSWER)
    options: dict[str, Any] = {
        "temperature": request.temperature,
        "num_ctx": next((size for size in CONTEXT_SIZES if size >= needed), CONTEXT_SIZES[-1]),
    }
    if request.max_tokens is not None:
        options["num_predict"] = request.max_tokens
    if request.stop:
        options["stop"] = list(request.stop)
    return options


def _messages(request: Request) -> list[dict[str, Any]]:
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    return [_message(message, names) for message in request.messages]


def _message(message: Message, tool_names: Mapping[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        sent["tool_calls"] = [
            {"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in message.tool_calls
        ]
    if message.role == "tool":
        sent["tool_name"] = tool_names.get(message.tool_call_id, "")
    return sent


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _piece(part: ollama.ChatResponse, numbers: Iterator[int]) -> Piece:
    """Ollama gives calls no ids; they are numbered through the conversation."""
    calls = tuple(
        ToolCall(id=f"call_{next(numbers)}", name=call.function.name, arguments=call.function.arguments)
        for call in part.message.tool_calls or ()
    )
    return Piece(
        text=part.message.content or "",
        calls=calls,
        finish=(part.done_reason or "stop") if part.done else "",
        model=part.model or "",
        prompt_tokens=part.prompt_eval_count,
        completion_tokens=part.eval_count,
    )

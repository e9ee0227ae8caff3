"""Models served by Ollama, through its own client."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from itertools import count
from typing import Any, cast

import httpx
import ollama

from agents.llm import wire
from agents.llm.failures import from_status, place, redact
from agents.llm.providers.served import NOT_AN_ANSWER, Served
from agents.llm.reading import Piece
from agents.llm.tokens import count_request
from agents.llm.types import LLMError, Message, ProviderOverloaded, Request, ToolCall, ToolSpec

CONTEXT_SIZES = (8_192, 16_384, 32_768, 65_536, 131_072)
ROOM_FOR_ANSWER = 2_048


async def _close(client: ollama.AsyncClient) -> None:
    await client.close()  # type: ignore[no-untyped-call]


_clients: wire.ClientPool[ollama.AsyncClient] = wire.ClientPool(_close)


class Ollama(Served):
    """Ollama at `base_url`. `model` is used where a request names none; `api_key` is for a server behind a proxy."""

    # The client calls `.get` on whatever JSON a line holds, and builds pydantic objects from it.
    errors = (LLMError, ollama.ResponseError, httpx.HTTPError, httpx.InvalidURL, ConnectionError, *NOT_AN_ANSWER)
    not_ours = "Ollama"

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str = "",
        way: wire.Way = wire.DIRECT,
        limits: wire.Limits | None = None,
    ) -> None:
        super().__init__(name="ollama", base_url=base_url, model=model, api_key=api_key, limits=limits, way=way)

    def _client(self) -> ollama.AsyncClient:
        def make() -> ollama.AsyncClient:
            place(self.base_url)
            headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
            options = wire.client_options(keyless=not self._key, way=self._way)
            return ollama.AsyncClient(self.base_url, headers=headers, **options)

        return _clients.get((self.base_url, self._key, self._way), make)

    async def _pieces(self, request: Request, model: str) -> AsyncGenerator[Piece]:
        numbers = count(sum(len(message.tool_calls) for message in request.messages) + 1)
        answer = await self._client().chat(model, **chat_arguments(request), stream=True)
        async with aclosing(cast(AsyncGenerator[ollama.ChatResponse], answer)) as parts:
            async for part in parts:
                yield _piece(part, numbers)

    async def _models(self) -> list[str]:
        return [entry.model for entry in (await self._client().list()).models if entry.model]

    async def _embed(self, texts: list[str], model: str) -> list[list[float]]:
        return [list(vector) for vector in (await self._client().embed(model, texts)).embeddings]

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError | None:
        if not isinstance(error, ollama.ResponseError):
            return None
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
    needed = count_request(request, "ollama") * 5 // 4 + (request.max_tokens or ROOM_FOR_ANSWER)
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
    if message.images:
        sent["images"] = [base64.b64encode(image.data).decode() for image in message.images]
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

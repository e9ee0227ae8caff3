"""Claude, through Anthropic's own client, which is not installed by itself: docs/operating.md."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx

from agents.llm import wire
from agents.llm.failures import from_status, place, redact
from agents.llm.providers.served import NOT_AN_ANSWER, Served
from agents.llm.providers.unwilling import Unwilling
from agents.llm.reading import Piece, arguments
from agents.llm.schemas import in_words
from agents.llm.sse import objects
from agents.llm.types import (
    LLMError,
    Message,
    ProviderOverloaded,
    RateLimited,
    Request,
    RequestRefused,
    ToolCall,
    ToolSpec,
)

try:
    import anthropic
    import httpx2
except ModuleNotFoundError:
    raise RequestRefused(
        "Claude needs a client that is not installed here: .venv/bin/pip install 'anthropic>=2.12,<3'",
        provider="anthropic",
    ) from None

OFFICIAL = "https://api.anthropic.com"
MOST_TOKENS = 8_192
UNKNOWN_TO_CLIENT = frozenset({"temperature"})  # newer models have no such setting, and so neither has the client

_FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


async def _close(client: anthropic.AsyncAnthropic) -> None:
    await client.close()


_clients: wire.ClientPool[anthropic.AsyncAnthropic] = wire.ClientPool(_close)
_unwilling = Unwilling({"temperature", "stop_sequences", "output_config"})


class Anthropic(Served):
    """Claude at Anthropic, or at an address that speaks the same. It has no embeddings."""

    errors = (
        LLMError, anthropic.AnthropicError, httpx.HTTPError, httpx2.HTTPError, httpx.InvalidURL, *NOT_AN_ANSWER,
    )  # fmt: skip
    not_ours = "Anthropic"

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "",
        model: str = "",
        way: wire.Way = wire.DIRECT,
        limits: wire.Limits | None = None,
    ) -> None:
        super().__init__(
            name="anthropic", base_url=base_url or OFFICIAL, model=model, api_key=api_key, limits=limits, way=way
        )

    def _client(self) -> anthropic.AsyncAnthropic:
        def make() -> anthropic.AsyncAnthropic:
            place(self.base_url)
            bridge = _Bridge(wire.door(keyless=not self._key, way=self._way))
            return anthropic.AsyncAnthropic(
                api_key=self._key or "none",
                base_url=self.base_url,
                max_retries=0,
                http_client=httpx2.AsyncClient(transport=bridge, timeout=None, trust_env=False),
            )

        return _clients.get((self.base_url, self._key, self._way), make)

    async def _pieces(self, request: Request, model: str) -> AsyncGenerator[Piece]:
        async with AsyncExitStack() as stack:
            answer = await self._open(request, model, stack)
            reading = _Reading(self)
            async for event in objects(answer.iter_bytes()):
                for piece in reading.pieces(event):
                    yield piece

    async def _open(self, request: Request, model: str, stack: AsyncExitStack) -> anthropic.AsyncAPIResponse[Any]:
        key = (self.base_url, model)
        wanted = chat_arguments(request, model)
        while True:
            chat = _unwilling.without(key, wanted)
            if "output_config" in wanted.keys() - chat.keys():
                chat["system"] = "\n\n".join(filter(None, [chat.get("system"), _said_in_words(request)]))
            extra = {name: chat[name] for name in chat.keys() & UNKNOWN_TO_CLIENT}
            known = {name: value for name, value in chat.items() if name not in UNKNOWN_TO_CLIENT}
            opening = self._client().messages.with_streaming_response.create(**known, extra_body=extra)
            try:
                return await stack.enter_async_context(opening)
            except anthropic.APIStatusError as error:
                if not _unwilling.learn(key, chat, status=error.status_code, said=_told(error.body)[1]):
                    raise

    async def _models(self) -> list[str]:
        return [entry.id for entry in (await self._client().models.list(limit=100)).data]

    async def _embed(self, texts: list[str], model: str) -> list[list[float]]:
        raise RequestRefused("Anthropic has no embeddings.", provider=self.name)

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError | None:
        if isinstance(error, anthropic.APIStatusError):
            code, said = _told(error.body)
            return from_status(
                error.status_code,
                said,
                provider=self.name,
                secret=self._key,
                code=code,
                retry_after=watch.retry_after,
            )
        if isinstance(error, anthropic.APIConnectionError):
            return self._of_the_connection(error.__cause__ or error)
        return None

    def in_stream(self, error: object) -> LLMError:
        """An error event in the middle of an answer."""
        code, said = _told({"error": error})
        said = redact(said, self._key)
        if code == "rate_limit_error":
            return RateLimited(f"{self.name} is asked too often: {said}", provider=self.name)
        return ProviderOverloaded(f"{self.name} failed while it answered: {said}", provider=self.name)


def _told(body: object) -> tuple[str, str]:
    """Type and message of an error object; a body that is none is its own message."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("type") or ""), str(error.get("message") or "")
    return "", str(body or "")


class _Reading:
    """The events of one answer. Tool arguments come in fragments."""

    def __init__(self, provider: Anthropic) -> None:
        self._provider = provider
        self._blocks: dict[int, dict[str, Any]] = {}

    def pieces(self, event: dict[str, Any]) -> Iterator[Piece]:
        match event["type"]:
            case "error":
                raise self._provider.in_stream(event.get("error"))
            case "message_start":
                yield self._usage(event["message"].get("usage") or {}, model=event["message"].get("model") or "")
            case "content_block_start":
                self._blocks[event["index"]] = {**event["content_block"], "json": ""}
            case "content_block_delta":
                yield from self._delta(event["index"], event["delta"])
            case "content_block_stop":
                yield from self._block(self._blocks.pop(event["index"], {}))
            case "message_delta":
                finish = _FINISHES.get(event["delta"].get("stop_reason") or "", "stop")
                yield Piece(finish=finish, completion_tokens=(event.get("usage") or {}).get("output_tokens"))

    def _usage(self, usage: Mapping[str, Any], *, model: str) -> Piece:
        """Anthropic counts what it had kept apart from the rest of the prompt."""
        counts = [usage.get(name) or 0 for name in ("cache_read_input_tokens", "cache_creation_input_tokens")]
        fresh = usage.get("input_tokens")
        whole = fresh + sum(counts) if isinstance(fresh, int) and fresh >= 0 else fresh
        return Piece(model=model, prompt_tokens=whole, cached_tokens=counts[0])

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Iterator[Piece]:
        if delta["type"] == "text_delta":
            yield Piece(text=delta["text"])
        elif delta["type"] == "input_json_delta":
            self._blocks[index]["json"] += delta["partial_json"]

    def _block(self, block: Mapping[str, Any]) -> Iterator[Piece]:
        if block.get("type") == "tool_use":
            decoded = arguments(block["json"], tool=block["name"], provider=self._provider.name)
            yield Piece(calls=(ToolCall(block["id"], block["name"], decoded),))


def chat_arguments(request: Request, model: str) -> dict[str, Any]:
    system = [message.content for message in request.messages if message.role == "system"]
    chat: dict[str, Any] = {
        "model": model,
        "messages": list(_turns([message for message in request.messages if message.role != "system"])),
        "max_tokens": request.max_tokens or MOST_TOKENS,
        "temperature": min(1.0, request.temperature),
        "stream": True,
    }
    if system:
        chat["system"] = "\n\n".join(system)
    if request.stop:
        chat["stop_sequences"] = list(request.stop)
    if request.tools:
        chat["tools"] = [_tool(tool) for tool in request.tools]
    if request.response_schema is not None:
        form = {"type": "json_schema", "schema": dict(request.response_schema)}
        chat["output_config"] = {"format": form}
    return chat


def _said_in_words(request: Request) -> str:
    assert request.response_schema is not None  # noqa: S101 - for the type checker: only then was a format sent
    return in_words(request.response_schema)


def _turns(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """Turns in which user and assistant alternate: results of tools are the user's, and neighbours of one role are joined."""
    role, content = "", list[dict[str, Any]]()
    for message in messages:
        speaker = "assistant" if message.role == "assistant" else "user"
        if speaker != role and content:
            yield {"role": role, "content": content}
            content = []
        role = speaker
        content += _blocks(message)
    if content:
        yield {"role": role, "content": content}


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}]
    blocks: list[dict[str, Any]] = [
        {
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": image.media_type,
                "data": base64.b64encode(image.data).decode(),
            },
        }
        for image in message.images
    ]
    if message.content.strip():
        blocks.append({"type": "text", "text": message.content})
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}
        for call in message.tool_calls
    ]
    return blocks + calls


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}


class _Bridge(httpx2.AsyncBaseTransport):
    """The client speaks httpx2, our connections are httpx: one door for all vendors, whatever their library."""

    def __init__(self, door: wire.Door) -> None:
        self._door = door

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = httpx.Request(
            request.method, str(request.url), headers=request.headers.raw, content=await request.aread()
        )
        answer = await self._door.handle_async_request(asked)
        return httpx2.Response(answer.status_code, headers=answer.headers.raw, stream=_Stream(answer))

    async def aclose(self) -> None:
        await self._door.aclose()


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, answer: httpx.Response) -> None:
        self._stream = answer.stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for content in self._stream:  # type: ignore[union-attr]
            yield content

    async def aclose(self) -> None:
        await self._stream.aclose()  # type: ignore[union-attr]

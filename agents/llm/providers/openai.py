"""Models behind OpenAI's chat completions, at OpenAI or at any address that speaks the same (llama.cpp, vLLM, LM Studio)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, cast

import httpx
import openai

from agents.llm import wire
from agents.llm.failures import NO_CREDIT, from_status, place, redact
from agents.llm.providers.served import NOT_AN_ANSWER, Served
from agents.llm.providers.unwilling import Unwilling
from agents.llm.reading import Piece, arguments
from agents.llm.schemas import in_words
from agents.llm.sse import objects
from agents.llm.types import LLMError, Message, ProviderOverloaded, RateLimited, Request, ToolCall, ToolSpec

OFFICIAL = "https://api.openai.com/v1"

# The body is left to us. The client's own method for chats looks at every part of a request, for half a millisecond.
UNREAD: openai.RequestOptions = {
    "headers": {"X-Stainless-Raw-Response": "stream"},
    "max_retries": 0,
    "timeout": None,
}

_REASONING = re.compile(r"o\d|gpt-[5-9]")


async def _close(client: openai.AsyncOpenAI) -> None:
    await client.close()


_clients: wire.ClientPool[openai.AsyncOpenAI] = wire.ClientPool(_close)
_unwilling = Unwilling({
    "temperature", "stop", "response_format", "stream_options", "max_tokens", "max_completion_tokens",
})  # fmt: skip


class OpenAI(Served):
    """OpenAI, or a compatible server at `base_url`, which may need no key. `name` labels it in replies and errors."""

    errors = (LLMError, openai.OpenAIError, httpx.HTTPError, httpx.InvalidURL, *NOT_AN_ANSWER)
    not_ours = "a chat completions server"

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = "",
        model: str = "",
        name: str = "openai",
        way: wire.Way = wire.DIRECT,
        limits: wire.Limits | None = None,
    ) -> None:
        super().__init__(name=name, base_url=base_url or OFFICIAL, model=model, api_key=api_key, limits=limits, way=way)
        self._chats = (
            f"{self.base_url.rstrip('/')}/chat/completions"  # whole, so that nobody puts it together for each call
        )

    def _client(self) -> openai.AsyncOpenAI:
        def make() -> openai.AsyncOpenAI:
            place(self.base_url)
            return openai.AsyncOpenAI(
                api_key=self._key or "none",
                base_url=self.base_url,
                max_retries=0,
                http_client=wire.client(keyless=not self._key, way=self._way),
            )

        return _clients.get((self.base_url, self._key, self._way), make)

    async def _pieces(self, request: Request, model: str) -> AsyncGenerator[Piece]:
        answer = await self._open(request, model)
        try:
            calls: dict[int, _Call] = {}
            async for chunk in objects(answer.http_response.aiter_raw()):
                for piece in self._read(chunk, calls):
                    yield piece
            yield Piece(calls=tuple(call.whole(at, self.name) for at, call in sorted(calls.items())))
        finally:
            await answer.close()

    async def _open(self, request: Request, model: str) -> openai.AsyncAPIResponse[Any]:
        """The head of an answer, asked for again where a model turns down a parameter that it can do without."""
        key = (self.base_url, model)
        wanted = chat_arguments(request, model, official=self.base_url == OFFICIAL)
        while True:
            chat = _unwilling.without(key, wanted)
            if "response_format" in wanted.keys() - chat.keys():
                chat["messages"] = [*chat["messages"], _said_in_words(request)]
            try:
                answer = await self._client().post(self._chats, cast_to=object, body=chat, options=UNREAD)
            except openai.APIStatusError as error:
                said = f"{error.param or ''} {_message_of(error)}"
                if not _unwilling.learn(key, chat, status=error.status_code, said=said):
                    raise
            else:
                return cast(openai.AsyncAPIResponse[Any], answer)

    def _read(self, chunk: dict[str, Any], calls: dict[int, _Call]) -> Iterator[Piece]:
        if error := chunk.get("error"):
            raise self._in_stream(error)
        if isinstance(usage := chunk.get("usage"), dict):
            yield _counts(usage)
        for choice in chunk["choices"][:1]:
            delta = choice.get("delta") or {}
            for fragment in delta.get("tool_calls") or ():
                calls.setdefault(fragment.get("index") or 0, _Call()).add(fragment)
            finish = "content_filter" if delta.get("refusal") else choice.get("finish_reason") or ""
            yield Piece(text=_text(delta.get("content") or ""), finish=finish, model=chunk.get("model") or "")

    async def _models(self) -> list[str]:
        return [entry.id for entry in (await self._client().models.list()).data]

    async def _embed(self, texts: list[str], model: str) -> list[list[float]]:
        answer = await self._client().embeddings.create(input=texts, model=model, encoding_format="float")
        return [entry.embedding for entry in sorted(answer.data, key=lambda entry: entry.index)]

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError | None:
        if isinstance(error, openai.APIStatusError):
            return from_status(
                error.status_code,
                _message_of(error),
                provider=self.name,
                secret=self._key,
                code=str(error.code or error.type or ""),
                retry_after=watch.retry_after,
            )
        if isinstance(error, openai.APIConnectionError):
            return self._of_the_connection(error.__cause__ or error)
        return None

    def _in_stream(self, error: object) -> LLMError:
        """An error object in the middle of an answer; servers put a status or a word into its code."""
        told: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": error}
        said, code = redact(str(told.get("message") or ""), self._key), str(told.get("code") or told.get("type") or "")
        if code in NO_CREDIT or code in {"400", "401", "403"}:
            return from_status(int(code) if code.isdigit() else 402, said, provider=self.name)
        if code in {"429", "rate_limit_exceeded"}:
            return RateLimited(f"{self.name} is asked too often: {said}", provider=self.name)
        return ProviderOverloaded(f"{self.name} failed while it answered: {said}", provider=self.name)


def _text(content: Any) -> Any:
    """Mistral's reasoning models send a list of parts, of which their thoughts are no part of the answer."""
    if not isinstance(content, list):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


def _counts(usage: Mapping[str, Any]) -> Piece:
    """xAI counts the reasoning that it charges for beside the answer; the total says so."""
    prompt, answer, whole = (usage.get(f"{of}_tokens") for of in ("prompt", "completion", "total"))
    unseen = _detail(usage, "completion", "reasoning_tokens")
    if isinstance(prompt, int) and isinstance(answer, int) and isinstance(unseen, int):
        answer += unseen if unseen > 0 and whole == prompt + answer + unseen else 0
    return Piece(
        prompt_tokens=prompt, completion_tokens=answer, cached_tokens=_detail(usage, "prompt", "cached_tokens")
    )


def _detail(usage: Mapping[str, Any], side: str, name: str) -> Any:
    details = usage.get(f"{side}_tokens_details")
    return details.get(name) if isinstance(details, dict) else None


def _message_of(error: openai.APIStatusError) -> str:
    return str(error.body.get("message", "")) if isinstance(error.body, dict) else error.message


class _Call:
    """A tool call that arrives in fragments."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = ""

    def add(self, fragment: Mapping[str, Any]) -> None:
        self.id = fragment.get("id") or self.id
        function = fragment.get("function") or {}
        self.name += function.get("name") or ""
        self.arguments += function.get("arguments") or ""

    def whole(self, index: int, provider: str) -> ToolCall:
        decoded = arguments(self.arguments, tool=self.name, provider=provider)
        return ToolCall(id=self.id or f"call_{index + 1}", name=self.name, arguments=decoded)


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


def _said_in_words(request: Request) -> dict[str, Any]:
    assert request.response_schema is not None  # noqa: S101 - for the type checker: only then was a format sent
    return {"role": "system", "content": in_words(request.response_schema)}


def _message(message: Message) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.images:
        pictures = [
            f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}" for image in message.images
        ]
        shown = [{"type": "image_url", "image_url": {"url": picture}} for picture in pictures]
        sent["content"] = [{"type": "text", "text": message.content}, *shown]
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

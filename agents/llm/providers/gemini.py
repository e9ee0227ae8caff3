"""Gemini over its REST interface (`generateContent`, version v1beta).

There is no client of the vendor behind this: its library asks for versions that CrewAI's pins exclude, and the four
requests that are needed here are small.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import httpx

from agents.llm import wire
from agents.llm.failures import ahead, from_status, place, redact
from agents.llm.providers.served import NOT_AN_ANSWER, Served, whole
from agents.llm.reading import Piece
from agents.llm.schemas import in_words
from agents.llm.sse import objects
from agents.llm.types import LLMError, Message, ProviderOverloaded, Request, RequestRefused, ToolCall, ToolSpec

OFFICIAL = "https://generativelanguage.googleapis.com/v1beta"

# Gemini 3 wants its thoughts back with a call; this word of its documentation says that they were not kept.
NO_THOUGHT = "skip_thought_signature_validator"

_FINISHES = {"STOP": "stop", "MAX_TOKENS": "length"}
_BROKEN = frozenset({"MALFORMED_FUNCTION_CALL", "OTHER", "UNEXPECTED_TOOL_CALL"})
_DELAY = re.compile(r"(\d{1,9}(?:\.\d+)?)s", re.ASCII)


async def _close(client: httpx.AsyncClient) -> None:
    await client.aclose()


_clients: wire.ClientPool[httpx.AsyncClient] = wire.ClientPool(_close)


class _Refused(Exception):
    """An error status, with what it says."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


class Gemini(Served):
    """Gemini at Google, or at an address that speaks the same."""

    errors = (LLMError, _Refused, httpx.HTTPError, httpx.InvalidURL, *NOT_AN_ANSWER)
    not_ours = "Gemini"

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
            name="gemini",
            base_url=(base_url or OFFICIAL).rstrip("/"),
            model=model,
            api_key=api_key,
            limits=limits,
            way=way,
        )

    def _client(self) -> httpx.AsyncClient:
        def make() -> httpx.AsyncClient:
            place(self.base_url)
            headers = {"x-goog-api-key": self._key} if self._key else {}
            return httpx.AsyncClient(headers=headers, **wire.client_options(keyless=True, way=self._way))

        return _clients.get((self.base_url, self._key, self._way), make)

    async def _pieces(self, request: Request, model: str) -> AsyncGenerator[Piece]:
        url = f"{self.base_url}/models/{_name(model)}:streamGenerateContent"
        numbers = count(sum(len(message.tool_calls) for message in request.messages) + 1)
        asking = self._client().stream("POST", url, params={"alt": "sse"}, json=chat_arguments(request))
        async with asking as answer:
            if not answer.is_success:
                raise _refused(answer.status_code, await answer.aread())
            async for chunk in objects(answer.aiter_raw()):
                if error := chunk.get("error"):
                    raise self._in_stream(error)
                yield _piece(chunk, numbers)

    async def _models(self) -> list[str]:
        told = await self._get("GET", "models", params={"pageSize": 200})
        served = [entry for entry in told.get("models", []) if "generateContent" in _methods(entry)]
        return [entry["name"].removeprefix("models/") for entry in served]

    async def _embed(self, texts: list[str], model: str) -> list[list[float]]:
        name = f"models/{_name(model)}"
        asked = [{"model": name, "content": {"parts": [{"text": text}]}} for text in texts]
        told = await self._get("POST", f"{name}:batchEmbedContents", json={"requests": asked})
        return [entry["values"] for entry in told["embeddings"]]

    async def _get(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = await self._client().request(method, f"{self.base_url}/{path}", **options)
        if not answer.is_success:
            raise _refused(answer.status_code, answer.content)
        return whole(answer.content)

    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError | None:
        if not isinstance(error, _Refused):
            return None
        return from_status(
            error.status,
            str(error.error.get("message") or ""),
            provider=self.name,
            secret=self._key,
            code=str(error.error.get("status") or ""),
            retry_after=watch.retry_after or _delay(error.error),
        )

    def _in_stream(self, error: Any) -> LLMError:
        said = redact(str(error.get("message") or ""), self._key)
        if error.get("code") in {400, 401, 403, 429}:
            return from_status(error["code"], said, provider=self.name)
        return ProviderOverloaded(f"{self.name} failed while it answered: {said}", provider=self.name)


def _refused(status: int, content: bytes) -> _Refused:
    try:
        error = whole(content).get("error")
    except (ValueError, RecursionError):
        error = None
    return _Refused(status, error if isinstance(error, dict) else {"message": content[:500].decode(errors="replace")})


def _delay(error: Mapping[str, Any]) -> float | None:
    """Google says in a detail when to come back: `{"retryDelay": "3.5s"}`."""
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        told = detail.get("retryDelay") if isinstance(detail, Mapping) else None
        if found := _DELAY.fullmatch(str(told or "")):
            return ahead(float(found.group(1)))
    return None


def _methods(entry: Mapping[str, Any]) -> Sequence[str]:
    return entry.get("supportedGenerationMethods") or ()


def _name(model: str) -> str:
    """The model as a part of an address. Anything that could lead elsewhere is refused."""
    bare = model.removeprefix("models/")
    if not re.fullmatch(r"[\w.-]+", bare):
        raise RequestRefused(f"{model[:80]!r} is not the name of a Gemini model.", provider="gemini")
    return bare


def _piece(chunk: dict[str, Any], numbers: Iterator[int]) -> Piece:
    """Gemini gives calls no ids; they are numbered through the conversation. Its thoughts are charged as part of the answer."""
    candidates = chunk.get("candidates") or []
    parts = (candidates[0].get("content") or {}).get("parts") or [] if candidates else []
    usage = chunk.get("usageMetadata") or {}
    said = [part["text"] for part in parts if "text" in part and not part.get("thought")]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    return Piece(
        text="".join(said),
        calls=tuple(ToolCall(f"call_{next(numbers)}", call["name"], call.get("args") or {}) for call in calls),
        finish=_finish(chunk, candidates),
        model=chunk.get("modelVersion") or "",
        prompt_tokens=usage.get("promptTokenCount"),
        completion_tokens=_completion(usage),
        cached_tokens=usage.get("cachedContentTokenCount"),
    )


def _completion(usage: Mapping[str, Any]) -> object:
    """Gemini leaves out a count of nothing: an answer that is all thought has no other."""
    answered, thought = usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")
    if not isinstance(thought, int) or thought <= 0:
        return answered
    return thought + answered if isinstance(answered, int) else thought


def _finish(chunk: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> str:
    """Why the answer ended, in OpenAI's words; every reason that is not known is the policy's."""
    if (chunk.get("promptFeedback") or {}).get("blockReason"):
        return "content_filter"
    reason = candidates[0].get("finishReason") if candidates else None
    if reason is None or reason in _BROKEN:
        return ""
    return _FINISHES.get(reason, "content_filter")


def chat_arguments(request: Request) -> dict[str, Any]:
    """With tools a schema is put in words: Gemini takes only one of the two as a setting."""
    system = [message.content for message in request.messages if message.role == "system"]
    settings: dict[str, Any] = {"temperature": request.temperature}
    if request.max_tokens is not None:
        settings["maxOutputTokens"] = request.max_tokens
    if request.stop:
        settings["stopSequences"] = list(request.stop)[:5]
    if request.response_schema is not None and request.tools:
        system.append(in_words(request.response_schema))
    elif request.response_schema is not None:
        settings |= {"responseMimeType": "application/json", "responseJsonSchema": dict(request.response_schema)}
    chat: dict[str, Any] = {"contents": list(_turns(request.messages)), "generationConfig": settings}
    if system:
        chat["systemInstruction"] = {"parts": [{"text": "\n\n".join(system)}]}
    if request.tools:
        chat["tools"] = [{"functionDeclarations": [_tool(tool) for tool in request.tools]}]
    return chat


def _turns(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """Turns of user and model; results of tools are the user's, by name, and neighbours of one role are joined."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    role, parts = "", list[dict[str, Any]]()
    for message in messages:
        if message.role == "system":
            continue
        speaker = "model" if message.role == "assistant" else "user"
        if speaker != role and parts:
            yield {"role": role, "parts": parts}
            parts = []
        role = speaker
        parts += _parts(message, names)
    if parts:
        yield {"role": role, "parts": parts}


def _parts(message: Message, names: Mapping[str, str]) -> list[dict[str, Any]]:
    if message.role == "tool":
        name = names.get(message.tool_call_id, "tool")
        return [{"functionResponse": {"name": name, "response": {"result": message.content}}}]
    parts: list[dict[str, Any]] = [
        {"inlineData": {"mimeType": image.media_type, "data": base64.b64encode(image.data).decode()}}
        for image in message.images
    ]
    if message.content:
        parts.append({"text": message.content})
    calls = [
        {"functionCall": {"name": call.name, "args": dict(call.arguments)}, "thoughtSignature": NO_THOUGHT}
        for call in message.tool_calls
    ]
    return parts + calls


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": dict(tool.parameters)}

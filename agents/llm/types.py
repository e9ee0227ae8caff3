"""What goes in and out of a language model, whoever serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "tool_calls", "length", "content_filter"]
OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is the decoded JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. A `tool` message answers the call `tool_call_id`."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as shown to a model; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `model` empty means the provider's default; `response_schema` asks for JSON of that schema."""

    messages: Sequence[Message]
    model: str = ""
    tools: Sequence[ToolSpec] = ()
    response_schema: Mapping[str, Any] | None = None
    temperature: float = 0.0
    max_tokens: int | None = None
    stop: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the provider counted them (or as we counted, where it does not say)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens)


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer: text, or tool calls, or (with `response_schema`) JSON in `text`. `cost` in US dollars."""

    text: str
    provider: str
    model: str
    usage: Usage
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    cost: Decimal = field(default=Decimal(0))


class LLMError(Exception):
    """A call that failed. `detail` is a sentence for a person, free of secrets."""

    code = "llm_error"
    retryable = False

    def __init__(self, detail: str, *, provider: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.provider = provider
        self.retry_after = retry_after


class ProviderUnreachable(LLMError):
    """No connection, or no answer within the deadline."""

    code = "provider_unreachable"
    retryable = True


class ProviderOverloaded(LLMError):
    """The provider answered 429 or 5xx."""

    code = "provider_overloaded"
    retryable = True


class CredentialRefused(LLMError):
    """The provider answered 401, 402 or 403."""

    code = "credential_refused"


class RequestRefused(LLMError):
    """The provider will never accept this request: unknown model, too long, against its policy."""

    code = "request_refused"


class BadReply(LLMError):
    """The provider answered with something that is not an answer: no JSON, no choices, nothing in it."""

    code = "bad_reply"
    retryable = True


class Provider(Protocol):
    """One back end that serves models."""

    name: str

    def complete(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        """Answer before `deadline` (time.monotonic seconds); `on_text` gets pieces of text as they arrive."""
        ...

    def models(self, *, deadline: float) -> list[str]:
        """Names of the models that this back end serves now."""
        ...

"""What goes in and out of a language model, whoever serves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "tool_calls", "length", "content_filter"]
Cached = Literal["", "shared", "process", "redis", "database"]
OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is the decoded JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in a message; `media_type` such as image/png. Width and height in pixels and the SHA-256 of `data` where somebody knows them."""

    media_type: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0
    sha256: str = ""

    @property
    def digest(self) -> str:
        return self.sha256 or hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. A `tool` message answers the call `tool_call_id`. Only users show images."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as shown to a model; `parameters` is a JSON Schema object.

    `acts` says that using it changes something outside: an answer that may call it is never taken from a cache.
    `brings_in`: what it returns was written by others, whom nobody here answers for. `sends_out`: it leaves this installation and may change
    something there, except with the argument and the values of `reads_with`.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    acts: bool = True
    brings_in: bool = False
    sends_out: bool = False
    reads_with: tuple[str, frozenset[str]] = ("", frozenset())

    def sends(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a use with these arguments sends something out. A value that a model may leave to the schema counts as its default."""
        name, harmless = self.reads_with
        known = self.parameters.get("properties", {}).get(name)
        said = arguments.get(name, known.get("default")) if known else None
        return self.sends_out and not (isinstance(said, str) and said in harmless)


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `model` empty means the provider's default; `response_schema` asks for JSON of that schema.

    An answer may come from a cache at temperature 0 or if the caller says `cacheable`; `prompt_version` names what such
    answers are forgotten by when the prompt behind them changes.
    """

    messages: Sequence[Message]
    model: str = ""
    tools: Sequence[ToolSpec] = ()
    response_schema: Mapping[str, Any] | None = None
    temperature: float = 0.0
    max_tokens: int | None = None
    stop: Sequence[str] = ()
    cacheable: bool = False
    prompt_version: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the provider counted them (or as we counted, where it does not say).

    `cached_tokens` are those of the prompt that the provider had kept and charges less for.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """Who is spoken to, and as whom: what breakers, rate limits and caches are kept by.

    `credential` is the beginning of the key's SHA-256 (empty without one). `tenant` is the schema of the workspace whose
    credential and address these are, empty for the operator's own. `public` says that the address is the provider's own,
    so that what is known of its health holds for everybody.
    """

    provider: str
    base_url: str
    model: str
    credential: str = ""
    tenant: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one provider on the way to an answer. `outcome` is "ok", "cancelled" or the code of the error, `detail` its
    sentence, which names the address; times in seconds."""

    provider: str
    model: str
    outcome: str
    seconds: float
    usage: Usage = Usage()
    cost: Decimal = Decimal(0)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer: text, or tool calls, or (with `response_schema`) JSON in `text`.

    `usage` and `cost` (US dollars) hold all that had to be paid for it: failed attempts and a hedge's loser as estimates,
    nothing where `cached` names the place that the answer came from. `seconds` include waiting and every attempt.
    """

    text: str
    provider: str
    model: str
    usage: Usage
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    cost: Decimal = field(default=Decimal(0))
    seconds: float = 0.0
    first_byte_seconds: float = 0.0
    attempts: int = 1
    cached: Cached = ""
    trail: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector per text, in the order of the texts."""

    vectors: list[list[float]]
    provider: str
    model: str
    usage: Usage
    cost: Decimal = Decimal(0)
    seconds: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a back end answers; `detail` is a sentence for a person."""

    ok: bool
    detail: str
    seconds: float


class LLMError(Exception):
    """A call that failed. `detail` is a sentence for a person, free of secrets.

    `retry_after` is in seconds; `usage` and `cost` are what failed attempts had to be paid for, where we can tell.
    """

    code = "llm_error"
    retryable = False

    def __init__(self, detail: str, *, provider: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.provider = provider
        self.retry_after = retry_after
        self.usage = Usage()
        self.cost = Decimal(0)


class ProviderUnreachable(LLMError):
    """No connection, or no answer within the deadline. `hurried`: the caller left it too little time to say anything of it."""

    code = "provider_unreachable"
    retryable = True
    hurried = False


class ProviderOverloaded(LLMError):
    """The provider answered 5xx, or said in the middle of an answer that it failed."""

    code = "provider_overloaded"
    retryable = True


class RateLimited(ProviderOverloaded):
    """The provider answered 429, or (`ours`) our own limit for this credential leaves no room before the deadline."""

    code = "rate_limited"
    ours = False


class CircuitOpen(LLMError):
    """Nobody was asked: this back end has failed too often of late. `retry_after` says when it is tried again."""

    code = "circuit_open"
    retryable = True


class CredentialRefused(LLMError):
    """The provider answered 401, 402 or 403."""

    code = "credential_refused"


class RequestRefused(LLMError):
    """The provider will never accept this request."""

    code = "request_refused"


class ModelMissing(RequestRefused):
    """There is no such model at this provider, or not for this credential."""

    code = "model_not_found"


class ContextTooLong(RequestRefused):
    """The request is longer than the model can read."""

    code = "context_length"


class PolicyRefused(RequestRefused):
    """The provider's policy forbids the question or the answer."""

    code = "content_policy"


class BadReply(LLMError):
    """The provider answered with something that is not an answer: no JSON, no choices, nothing in it.

    `said` is the answer where it is one in form, which is no fault of the back end: JSON of another schema than was asked for, a
    call of a tool that cannot be carried out. `wish` is what the model is then told to do.
    """

    code = "bad_reply"
    retryable = True

    def __init__(self, detail: str, *, provider: str = "", said: str = "", wish: str = "") -> None:
        super().__init__(detail, provider=provider)
        self.said, self.wish = said, wish


class Answering(Protocol):
    """`Provider.complete`, or what is asked like it."""

    async def __call__(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply: ...


class Provider(Protocol):
    """One back end that serves models. Deadlines are in time.monotonic seconds. Everything raises LLMError and nothing else."""

    @property
    def name(self) -> str:
        """How replies, errors and model names such as `ollama/qwen3` call it."""
        ...

    async def complete(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        """Answer before `deadline`; `on_text` gets pieces of text as they arrive."""
        ...

    async def embed(self, texts: Sequence[str], *, model: str, deadline: float) -> list[list[float]]:
        """One vector per text. RequestRefused where the back end has no embeddings."""
        ...

    def count_tokens(self, request: Request) -> int:
        """Tokens of everything that the request sends; an estimate where no tokenizer of the model is at hand."""
        ...

    async def models(self, *, deadline: float) -> list[str]:
        """Names of the models that this back end serves now."""
        ...

    async def health(self, *, deadline: float) -> Health:
        """Whether it answers; never raises."""
        ...

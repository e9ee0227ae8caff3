"""Which model answers here: what the operator's settings name and what answers at those addresses."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from agents.llm.failures import place
from agents.llm.gateway import Description, Gateway
from agents.llm.loop import wait_for
from agents.llm.retries import Patience
from agents.llm.routes import Route
from agents.llm.types import LLMError, RequestRefused
from agents.llm.vendors import Connection, route_to
from agents.llm.wire import DIRECT, Limits, Way

OPENAI_MODEL = "gpt-4o-mini"
ANTHROPIC_MODEL = "claude-haiku-4-5"
GEMINI_MODEL = "gemini-2.5-flash"
OFFLINE_MODEL = "extractive-1"
GOOD_FOR, BAD_FOR = 10.0, 3.0

_NO_CHAT = re.compile(r"embed|minilm|\bbge-|rerank", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What the operator set. Each provider has its own model name; `provider` forces one, whether it answers or not.

    A machine in the house gets more time than a hosted service: Ollama loads gigabytes before its first word, and without a
    graphics card it reads a long prompt for minutes.
    """

    ollama_url: str = "http://localhost:11434"
    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    anthropic_api_key: str = field(default="", repr=False)
    gemini_api_key: str = field(default="", repr=False)
    llamacpp_url: str = ""
    provider: str = ""
    ollama_model: str = ""
    openai_model: str = ""
    anthropic_model: str = ""
    gemini_model: str = ""
    proxy: str = field(default="", repr=False)
    retries: int = 1
    limits: Limits = field(default_factory=Limits)
    local_limits: Limits = field(default_factory=lambda: Limits(first_byte=180, idle=60, total=600))
    probe_seconds: float = 1.5

    @property
    def way(self) -> Way:
        return Way(proxy=self.proxy) if self.proxy else DIRECT


@dataclass(frozen=True, slots=True)
class Choice:
    """The one house that answers for the operator, and how that is told."""

    routes: list[Route]
    description: Description


async def choose(settings: GatewaySettings) -> Choice:
    """Where calls go under these settings, asked for once per run so that one run has one kind of answers.

    First of: Ollama, if it serves a model; llama.cpp, if it answers; OpenAI or a compatible server, if a key or an address
    is set; Anthropic and Gemini, if their keys are; else the offline provider. One of them, never the next in silence: a
    prompt that was meant for a machine in the house does not leave it because that machine is busy, and no stand-in fills
    in for a model that failed.
    """
    connection = await _connection(settings)
    is_offline = connection.provider == "offline"
    reason = _why_offline(settings) if is_offline else ""
    description = Description(connection.provider, connection.model, is_offline=is_offline, reason=reason)
    return Choice([route_to(connection)], description)


def gateway_for(settings: GatewaySettings) -> Gateway:
    """A gateway for these settings and nothing else, for a thread."""
    choice = wait_for(choose(settings))
    return Gateway(choice.routes, patience=Patience(retries=settings.retries), description=choice.description)


def forget_probes() -> None:
    """Look again at the next call, whatever was found a moment ago."""
    _probes.forget()


async def _connection(settings: GatewaySettings) -> Connection:
    if settings.provider and settings.provider not in {*_CANDIDATES, "offline"}:
        raise ValueError(f"There is no provider {settings.provider!r}; there are {', '.join(_CANDIDATES)} and offline.")
    for name, candidate in _CANDIDATES.items():
        if settings.provider in {"", name} and (found := await candidate(settings)) is not None:
            return found
    return Connection("offline", model=OFFLINE_MODEL)


async def _ollama(settings: GatewaySettings) -> Connection | None:
    probe = Connection("ollama", settings.ollama_url, limits=_quick(settings))
    served = await _probes.served(probe, settings.probe_seconds) if settings.ollama_url else []
    model = settings.ollama_model or _chat_model(served)
    if settings.provider != "ollama" and not (served and model):
        return None
    return Connection("ollama", settings.ollama_url, model=model, limits=settings.local_limits)


async def _llamacpp(settings: GatewaySettings) -> Connection | None:
    if not settings.llamacpp_url and settings.provider != "llamacpp":
        return None
    probe = Connection("llamacpp", settings.llamacpp_url, limits=_quick(settings))
    served = await _probes.served(probe, settings.probe_seconds)
    if not served and settings.provider != "llamacpp":
        return None
    return Connection("llamacpp", settings.llamacpp_url, model=_chat_model(served), limits=settings.local_limits)


async def _openai(settings: GatewaySettings) -> Connection | None:
    key, base_url = settings.openai_api_key, settings.openai_base_url
    if not (key or base_url or settings.provider == "openai"):
        return None
    model = settings.openai_model
    if base_url and not model:
        probe = Connection("openai", base_url, key, way=settings.way, limits=_quick(settings))
        model = _chat_model(await _probes.served(probe, settings.probe_seconds))
    return Connection("openai", base_url, key, model=model or OPENAI_MODEL, way=settings.way, limits=settings.limits)


async def _anthropic(settings: GatewaySettings) -> Connection | None:
    model = settings.anthropic_model or ANTHROPIC_MODEL
    return _hosted(settings, "anthropic", settings.anthropic_api_key, model)


async def _gemini(settings: GatewaySettings) -> Connection | None:
    return _hosted(settings, "gemini", settings.gemini_api_key, settings.gemini_model or GEMINI_MODEL)


def _hosted(settings: GatewaySettings, provider: str, key: str, model: str) -> Connection | None:
    if not key and settings.provider != provider:
        return None
    return Connection(provider, api_key=key, model=model, way=settings.way, limits=settings.limits)


_CANDIDATES: Mapping[str, Callable[[GatewaySettings], Awaitable[Connection | None]]] = {
    "ollama": _ollama,
    "llamacpp": _llamacpp,
    "openai": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
}


def _quick(settings: GatewaySettings) -> Limits:
    seconds = settings.probe_seconds
    return Limits(connect=seconds / 2, first_byte=seconds, idle=seconds, total=seconds)


def _chat_model(served: list[str]) -> str:
    return next((name for name in served if not _NO_CHAT.search(name)), "")


def _why_offline(settings: GatewaySettings) -> str:
    if settings.provider == "offline":
        return "The settings ask for the offline provider."
    try:
        where = place(settings.ollama_url)
    except RequestRefused:
        where = "OLLAMA_URL, which is no address" if settings.ollama_url else "OLLAMA_URL, which is not set"
    return (
        f"No model answers at {where}, and no key of a hosted provider is set. Answers are quotations chosen by rule."
    )


class _Probes:
    """What was served where, remembered for a few seconds; one task of a loop asks, the others wait for its answer."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self._known: dict[tuple[str, str, str], tuple[float, list[str]]] = {}

    async def served(self, probe: Connection, seconds: float) -> list[str]:
        """Names of models; none where nothing answers in time."""
        key = (probe.provider, probe.base_url, probe.api_key)
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            until, names = self._known.get(key, (0.0, list[str]()))
            if time.monotonic() >= until:
                names = await _ask(probe, seconds)
                self._known[key] = (time.monotonic() + (GOOD_FOR if names else BAD_FOR), names)
            return names

    def forget(self) -> None:
        self._known.clear()


async def _ask(probe: Connection, seconds: float) -> list[str]:
    try:
        return await route_to(probe).provider.models(deadline=time.monotonic() + seconds)
    except LLMError:
        return []


_probes = _Probes()

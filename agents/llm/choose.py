"""Which model answers here: what the operator's settings name and what answers at those addresses."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.llm.failures import place
from agents.llm.gateway import Description, Gateway
from agents.llm.providers.offline import MODEL as OFFLINE_MODEL
from agents.llm.providers.offline import Offline
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OFFICIAL, OpenAI
from agents.llm.types import LLMError, Provider, RequestRefused
from agents.llm.wire import Limits

OPENAI_MODEL = "gpt-4o-mini"
LLAMACPP_URL = "http://localhost:8080"
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
    llamacpp_url: str = ""
    provider: str = ""
    ollama_model: str = ""
    openai_model: str = ""
    proxy: str = field(default="", repr=False)
    retries: int = 1
    limits: Limits = field(default_factory=Limits)
    local_limits: Limits = field(default_factory=lambda: Limits(first_byte=180, idle=60, total=600))
    probe_seconds: float = 1.5


Choice = tuple[Provider, str]


def gateway_for(settings: GatewaySettings) -> Gateway:
    """The gateway for these settings, asked for once per run so that one run has one kind of answers.

    First of: Ollama, if it serves a model; llama.cpp, if it answers; OpenAI or a compatible server, if a key or an address
    is set; else the offline provider. One of them, never the next in silence: a prompt that was meant for a machine in
    the house does not leave it because that machine is busy, and no stand-in fills in for a model that failed.
    """
    provider, model = _choose(settings)
    is_offline = provider.name == "offline"
    reason = _why_offline(settings) if is_offline else ""
    description = Description(provider.name, model, is_offline=is_offline, reason=reason)
    return Gateway([provider], retries=settings.retries, description=description)


def forget_probes() -> None:
    """Look again at the next call, whatever was found a moment ago."""
    _probes.forget()


def _choose(settings: GatewaySettings) -> Choice:
    candidates: dict[str, Callable[[GatewaySettings], Choice | None]] = {
        "ollama": _ollama,
        "llamacpp": _llamacpp,
        "openai": _openai,
    }
    if settings.provider and settings.provider not in {*candidates, "offline"}:
        raise ValueError(f"There is no provider {settings.provider!r}; there are {', '.join(candidates)} and offline.")
    for name, candidate in candidates.items():
        if settings.provider in {"", name} and (choice := candidate(settings)) is not None:
            return choice
    return Offline(), OFFLINE_MODEL


def _ollama(settings: GatewaySettings) -> Choice | None:
    def ask() -> list[str]:
        probe = Ollama(settings.ollama_url, limits=_quick(settings))
        return probe.models(deadline=time.monotonic() + settings.probe_seconds)

    served = _probes.served(("ollama", settings.ollama_url), ask) if settings.ollama_url else []
    model = settings.ollama_model or _chat_model(served)
    if settings.provider != "ollama" and not (served and model):
        return None
    return Ollama(settings.ollama_url, model=model, limits=settings.local_limits), model


def _llamacpp(settings: GatewaySettings) -> Choice | None:
    if not settings.llamacpp_url and settings.provider != "llamacpp":
        return None
    base_url = (settings.llamacpp_url or LLAMACPP_URL).rstrip("/").removesuffix("/v1") + "/v1"
    served = _served_at(base_url, settings, key="")
    if not served and settings.provider != "llamacpp":
        return None
    model = _chat_model(served)
    return OpenAI(base_url=base_url, model=model, name="llamacpp", limits=settings.local_limits), model


def _openai(settings: GatewaySettings) -> Choice | None:
    if not (settings.openai_api_key or settings.openai_base_url or settings.provider == "openai"):
        return None
    base_url = settings.openai_base_url or OFFICIAL
    model = settings.openai_model or OPENAI_MODEL
    if not settings.openai_model and base_url != OFFICIAL:
        model = _chat_model(_served_at(base_url, settings, key=settings.openai_api_key)) or OPENAI_MODEL
    provider = OpenAI(
        api_key=settings.openai_api_key, base_url=base_url, model=model, proxy=settings.proxy, limits=settings.limits
    )
    return provider, model


def _served_at(base_url: str, settings: GatewaySettings, *, key: str) -> list[str]:
    def ask() -> list[str]:
        probe = OpenAI(api_key=key, base_url=base_url, proxy=settings.proxy if key else "", limits=_quick(settings))
        return probe.models(deadline=time.monotonic() + settings.probe_seconds)

    return _probes.served(("openai", base_url, key), ask)


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
    return f"No model answers at {where}, and OPENAI_API_KEY is not set. Answers are quotations chosen by rule."


class _Probes:
    """What was served where, remembered for a few seconds; one thread asks, the others wait for its answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[float, list[str]]] = {}

    def served(self, key: tuple[str, ...], ask: Callable[[], list[str]]) -> list[str]:
        with self._lock:
            until, names = self._known.get(key, (0.0, []))
            if time.monotonic() >= until:
                try:
                    names = ask()
                except LLMError:
                    names = []
                self._known[key] = (time.monotonic() + (GOOD_FOR if names else BAD_FOR), names)
            return names

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


_probes = _Probes()

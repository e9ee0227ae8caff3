from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agents.llm.gateway import Gateway
from agents.llm.providers.anthropic import Anthropic
from agents.llm.providers.gemini import Gemini
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.retries import RetryBudget
from agents.llm.routes import Route
from agents.llm.types import Message, Provider, Request, Target
from agents.llm.wire import Limits, close_clients
from tests.servers.llm import FakeLLM

KEY = "canary-1234567890"
PATIENT = Limits(connect=60, first_byte=60, idle=60, total=120)
NO_ANSWER = replace(PATIENT, first_byte=0.3)  # for servers that never begin to speak
NO_MORE = replace(PATIENT, idle=0.3)  # for those that stop


@pytest.fixture(scope="session")
def _listening() -> Iterator[FakeLLM]:
    with FakeLLM() as fake:
        yield fake


@pytest.fixture
def server(_listening: FakeLLM) -> FakeLLM:
    """One server for the session, so that clients keep their connections; empty ledger, no script."""
    _listening.reset()
    return _listening


@pytest.fixture(autouse=True)
async def _closed_connections() -> AsyncIterator[None]:
    """Connections belong to the loop of one test."""
    yield
    await close_clients()


ProviderAt = Callable[..., Provider]


@pytest.fixture(params=["ollama", "openai", "anthropic", "gemini"])
def provider_at(request: pytest.FixtureRequest) -> ProviderAt:
    """Makes a provider, once of each kind, that talks to a fake server."""
    return partial(make_provider, request.param)


@pytest.fixture(params=["ollama", "openai"])
def chat_provider_at(request: pytest.FixtureRequest) -> ProviderAt:
    """The same for the two whose messages look alike on the wire."""
    return partial(make_provider, request.param)


def make_provider(kind: str, server: FakeLLM | str, limits: Limits = PATIENT) -> Provider:
    url = server if isinstance(server, str) else server.url
    options: dict[str, Any] = {"model": "fake-1", "api_key": KEY, "limits": limits}
    match kind:
        case "ollama":
            return Ollama(url, **options)
        case "anthropic":
            return Anthropic(base_url=url, **options)
        case "gemini":
            return Gemini(base_url=url + "/v1beta", **options)
    return OpenAI(base_url=url + "/v1", **options)


@pytest.fixture
def soon() -> Callable[..., float]:
    """A deadline in some seconds from now."""

    def at(seconds: float = 120.0) -> float:
        return time.monotonic() + seconds

    return at


def ask(text: str = "How much does the station store?") -> Request:
    return Request([Message("user", text)])


def through(*providers: Provider, **options: Any) -> Gateway:
    """A gateway with these providers as its chain, and a retry budget of its own."""
    options.setdefault("budget", RetryBudget())
    return Gateway([link(provider) for provider in providers], **options)


async def until(met: Callable[[], object]) -> None:
    """Until what another thread or task does has come about."""
    async with asyncio.timeout(60):
        while not met():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def link(provider: Provider, **options: Any) -> Route:
    """A provider as a link of a chain."""
    base_url, model = str(getattr(provider, "base_url", "")), str(getattr(provider, "model", ""))
    return Route(provider, Target(provider.name, base_url, model), model, **options)

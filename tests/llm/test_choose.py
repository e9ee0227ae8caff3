"""Which provider answers, given what is set and what is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agents.llm.choose import GatewaySettings, choose, forget_probes, gateway_for
from agents.llm.gateway import Description
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import LLMError, ProviderUnreachable
from tests.llm.conftest import PATIENT, ask
from tests.servers.llm import FakeLLM, closed_url

Soon = Callable[..., float]


@pytest.fixture(autouse=True)
def _fresh_probes() -> Iterator[None]:
    forget_probes()
    yield
    forget_probes()


def settings(**changes: Any) -> GatewaySettings:
    return GatewaySettings(
        **{"ollama_url": closed_url(), "probe_seconds": 60.0, **changes}, limits=PATIENT, local_limits=PATIENT
    )


async def test_ollama_with_a_model(server: FakeLLM, soon: Soon) -> None:
    gateway = gateway_for(settings(ollama_url=server.url))
    assert gateway.describe() == Description("ollama", "fake-1", is_offline=False)
    assert (await gateway.complete(ask("Hi"), deadline=soon())).model == "fake-1"


def test_a_model_for_chat_is_chosen_before_one_for_embeddings() -> None:
    with FakeLLM(models=["nomic-embed-text:latest", "qwen3:4b"]) as server:
        assert gateway_for(settings(ollama_url=server.url)).describe().model == "qwen3:4b"
    forget_probes()
    with FakeLLM(models=["nomic-embed-text:latest"]) as server:
        assert gateway_for(settings(ollama_url=server.url)).describe().is_offline


def test_ollama_without_models_is_not_used() -> None:
    with FakeLLM(models=[]) as server:
        assert gateway_for(settings(ollama_url=server.url)).describe().is_offline


def test_the_named_model_is_used(server: FakeLLM) -> None:
    assert gateway_for(settings(ollama_url=server.url, ollama_model="qwen3:4b")).describe().model == "qwen3:4b"


async def test_each_provider_is_asked_for_its_own_model(server: FakeLLM) -> None:
    both = {"ollama_model": "qwen3:4b", "openai_model": "gpt-5-mini", "openai_api_key": "sk-x"}
    assert gateway_for(settings(ollama_url=server.url, **both)).describe().model == "qwen3:4b"
    assert gateway_for(settings(**both)).describe().model == "gpt-5-mini"


async def test_nothing_there_means_the_stand_in_and_says_so(soon: Soon) -> None:
    chosen = settings()
    gateway = gateway_for(chosen)
    told = gateway.describe()
    assert (told.provider, told.model, told.is_offline) == ("offline", "extractive-1", True)
    assert told.reason == (
        f"No model answers at {chosen.ollama_url.removeprefix('http://')}, and no key of a hosted provider is set. Answers are quotations chosen by rule."
    )
    assert (await gateway.complete(ask(), deadline=soon())).provider == "offline"


async def test_a_key_means_openai() -> None:
    told = gateway_for(settings(openai_api_key="sk-x")).describe()
    assert told == Description("openai", "gpt-4o-mini", is_offline=False)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"anthropic_api_key": "k"}, ("anthropic", "claude-haiku-4-5")),
        ({"gemini_api_key": "k", "gemini_model": "gemini-2.5-pro"}, ("gemini", "gemini-2.5-pro")),
        ({"gemini_api_key": "k", "anthropic_api_key": "k"}, ("anthropic", "claude-haiku-4-5")),
        ({"gemini_api_key": "k", "openai_api_key": "k"}, ("openai", "gpt-4o-mini")),
        ({"gemini_api_key": "k", "openai_api_key": "k", "provider": "gemini"}, ("gemini", "gemini-2.5-flash")),
    ],
)
async def test_other_keys_and_their_order(keys: dict[str, str], told: tuple[str, str]) -> None:
    choice = await choose(settings(**keys))
    assert (choice.description.provider, choice.description.model) == told
    assert [(route.target.provider, route.target.public, route.private) for route in choice.routes] == [
        (told[0], True, False)
    ]


async def test_a_compatible_server_offers_its_own_model(soon: Soon) -> None:
    with FakeLLM(models=["local-7b"]) as server:
        gateway = gateway_for(settings(openai_api_key="sk-x", openai_base_url=server.openai_url))
        assert gateway.describe() == Description("openai", "local-7b", is_offline=False)
        await gateway.complete(ask(), deadline=soon())
        assert server.ledger()[0].headers["authorization"] == "Bearer sk-x"


async def test_llamacpp(server: FakeLLM, soon: Soon) -> None:
    gateway = gateway_for(settings(llamacpp_url=server.url))
    assert gateway.describe() == Description("llamacpp", "fake-1", is_offline=False)
    assert (await gateway.complete(ask(), deadline=soon())).provider == "llamacpp"


def test_ollama_comes_before_a_key(server: FakeLLM) -> None:
    assert gateway_for(settings(ollama_url=server.url, openai_api_key="sk-x")).describe().provider == "ollama"


async def test_no_other_provider_fills_in(server: FakeLLM) -> None:
    gateway = gateway_for(settings(ollama_url=server.url, openai_api_key="sk-x"))
    assert [route.provider.name for route in gateway.routes] == ["ollama"]


async def test_a_forced_provider_is_used_whether_it_answers_or_not(server: FakeLLM, soon: Soon) -> None:
    assert gateway_for(settings(ollama_url=server.url, provider="offline")).describe().is_offline
    gateway = gateway_for(settings(provider="ollama", openai_api_key="sk-x", ollama_model="qwen3:4b"))
    assert gateway.describe().provider == "ollama"
    with pytest.raises(ProviderUnreachable):
        await gateway.complete(ask(), deadline=soon())
    with pytest.raises(ValueError, match="no provider 'bard'"):
        gateway_for(settings(provider="bard"))


def test_a_server_that_hangs_costs_little() -> None:
    with FakeLLM() as server:
        server.models_hang = True
        started = time.monotonic()
        assert gateway_for(settings(ollama_url=server.url, probe_seconds=0.4)).describe().is_offline
        assert time.monotonic() - started < 60


def test_what_was_found_is_remembered_for_a_while() -> None:
    with FakeLLM() as server:
        chosen = settings(ollama_url=server.url)
        gateway_for(chosen)
    assert gateway_for(chosen).describe().provider == "ollama"
    forget_probes()
    assert gateway_for(chosen).describe().is_offline


async def test_the_key_is_not_shown() -> None:
    chosen = settings(
        openai_api_key="sk-secret-123456", ollama_url="http://me:pass-canary@127.0.0.1:9", provider="offline"
    )
    assert "sk-secret" not in repr(chosen)
    told = gateway_for(replace(chosen, provider="", openai_api_key="")).describe()
    assert "127.0.0.1:9" in told.reason
    assert "canary" not in told.reason


@pytest.mark.parametrize("url", ["http://x:abc", "http://[bad", "http://127.0.0.1:99999", ":::", "ftp://x"])
async def test_an_address_that_is_none(url: str, soon: Soon) -> None:
    assert gateway_for(settings(ollama_url=url, probe_seconds=0.5)).describe().is_offline
    for provider in (Ollama(url, model="m", limits=PATIENT), OpenAI(base_url=url, model="m", limits=PATIENT)):
        with pytest.raises(LLMError):
            await provider.complete(ask(), deadline=soon())

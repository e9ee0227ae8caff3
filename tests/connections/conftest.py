from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.connections import gateways
from agents.llm import choose
from agents.llm.loop import wait_for
from agents.llm.wire import close_clients
from tests.conftest import ApiOf
from tests.servers.llm import FakeLLM

DOOR = "/w/acme/api/v1/providers/"
KEY = "sk-canary-0123456789-WXYZ"


@pytest.fixture(autouse=True)
def _as_a_new_process(settings: Settings) -> Iterator[None]:
    settings.LLM = {**settings.LLM, "ollama_url": "", "openai_base_url": "", "openai_api_key": ""}
    gateways.forget()
    choose.forget_probes()
    yield
    wait_for(close_clients())
    gateways.forget()
    choose.forget_probes()


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeLLM]:
    """A model server in the house, let in by the operator."""
    with FakeLLM() as fake:
        settings.LOCAL_MODEL_HOSTS = [urlsplit(fake.url).netloc]
        yield fake


@pytest.fixture
def api(api_of: ApiOf, alice: Any) -> APIClient:
    return api_of(alice)


Add = Callable[..., dict[str, Any]]


@pytest.fixture
def add(api: APIClient) -> Add:
    """Add a provider at Acme, as Alice."""

    def made(**fields: Any) -> dict[str, Any]:
        answer = api.post(DOOR, {"name": "Team account", "provider": "openai", **fields}, format="json")
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    return made

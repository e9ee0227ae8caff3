"""A model server that makes vectors, and Acme's choice of it."""

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
from tests.knowledge.conftest import DOCS, Upload, work_off
from tests.servers.llm import FakeLLM

EMBEDDER = "/w/acme/api/v1/knowledge/embedder/"
SEARCH = "/w/acme/api/v1/knowledge/search/"
PROVIDERS = "/w/acme/api/v1/providers/"
MODEL = "text-embedding-3-small"
HARBOUR = b"Ships moor at the northern quay.\n"
KITCHEN = b"Bread is baked every morning.\n"


@pytest.fixture(autouse=True)
def _as_a_new_process(settings: Settings) -> Iterator[None]:
    settings.LLM = {**settings.LLM, "ollama_url": "", "openai_base_url": "", "openai_api_key": ""}
    settings.QUESTION_EMBEDDED_WITHIN = 600.0  # or a busy machine's questions were answered by words alone
    settings.PASSAGES_EMBEDDED_WITHIN = 600.0
    gateways.forget()
    choose.forget_probes()
    yield
    wait_for(close_clients())
    gateways.forget()
    choose.forget_probes()


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeLLM]:
    with FakeLLM() as fake:
        settings.LOCAL_MODEL_HOSTS = [urlsplit(fake.url).netloc]
        yield fake


@pytest.fixture
def provider(api: APIClient, server: FakeLLM) -> dict[str, Any]:
    """Acme's account with the server."""
    fields = {"name": "Team account", "provider": "openai", "base_url": server.openai_url, "model": "fake-1"}
    answer = api.post(PROVIDERS, fields, format="json")
    assert answer.status_code == 201, answer.data
    return dict(answer.data)


Choose = Callable[..., Any]


@pytest.fixture
def choose_model(api: APIClient, provider: dict[str, Any]) -> Choose:
    """Have the provider make Acme's vectors."""

    def chosen(model: str = MODEL, *, client: APIClient | None = None, **body: Any) -> Any:
        return (client or api).put(EMBEDDER, {"provider": provider["id"], "model": model, **body}, format="json")

    return chosen


@pytest.fixture
def embedded(upload: Upload, choose_model: Choose, server: FakeLLM) -> dict[str, str]:
    """Two documents with vectors; ids by name. The ledger of the server is as it was before."""
    assert choose_model().status_code == 200
    named = (("harbour.txt", HARBOUR), ("kitchen.txt", KITCHEN))
    ids = {name: upload(data, name).data["id"] for name, data in named}
    work_off()
    return ids


def standing(api: APIClient) -> dict[str, Any]:
    answer = api.get(EMBEDDER)
    assert answer.status_code == 200
    return dict(answer.data)


def searched(api: APIClient, query: str, **more: Any) -> dict[str, Any]:
    answer = api.post(SEARCH, {"query": query, **more}, format="json")
    assert answer.status_code == 200, answer.data
    return dict(answer.data)


def named(found: dict[str, Any]) -> list[str]:
    return [passage["document"] for passage in found["results"]]


def document(api: APIClient, pk: str) -> dict[str, Any]:
    return dict(api.get(f"{DOCS}{pk}/").data)

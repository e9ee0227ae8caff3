"""A crew that was installed from the market, the model that its agents ask, and what happened when they tried things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from pytest_django import Settings

from agents.models import Crew
from agents.services import create_crew, start_crew_run
from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import api, let_call, model, play  # noqa: F401 - fixtures
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM
from tests.servers.web import Page, Web

DIGEST = "sha256:" + "5" * 64
EVERYTHING = ("model:any", "knowledge:read", "files:read", "files:write", "messages:send", "messages:read", "delegate")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        yield server


@pytest.fixture
def reachable(settings: Settings, web: Web) -> Web:
    """A server that the operator lets tools out to, so that only the permission stands before it."""
    settings.EGRESS_LOCAL_HOSTS = [f"127.0.0.1:{web.port}"]
    settings.EGRESS_PORTS = [web.port]
    web.pages["/"] = Page(b"hello there", headers={"Content-Type": "text/plain"})
    return web


class Installed(Protocol):
    def __call__(self, *grants: str, tools: tuple[str, ...] = (), **more: Any) -> Crew: ...


@pytest.fixture
def installed(in_acme: Tenant, alice_at_acme: Member) -> Installed:
    """A crew of anna, who has `tools`, and bob; whoever installed it granted `grants` as far as `bounds` go."""

    def make(*grants: str, tools: tuple[str, ...] = (), **bounds: Any) -> Crew:
        anna = agent("anna", tools=tools, allow_delegation=bounds.pop("delegates", False), llm=bounds.pop("llm", ""))
        spec = crew(anna, agent("bob"), task("t1", "anna"), trust_outside_content=True)  # no person stands in the way
        return create_crew(
            spec=spec.model_copy(update={"name": "Reader"}),
            by=alice_at_acme,
            source="globex/reader@1.0.0",
            grants=grants,
            bounds=bounds,
            manifest_digest=DIGEST,
        )

    return make


Tried = Callable[..., Run]


@pytest.fixture
def tried(alice_at_acme: Member, model: FakeLLM) -> Tried:  # noqa: F811 - the fixture above
    """Run a crew whose model makes these calls, one after the other, and then answers with the last tool's text."""

    def run_it(made: Crew, *calls: Call) -> Run:
        let_call(model, *calls)
        return play(start_crew_run(crew=made, inputs={}, by=alice_at_acme))

    return run_it

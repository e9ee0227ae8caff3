"""A run's tools without the run: what they emit and what is refused is kept beside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.runtimes.outcome import User
from agents.tools.calling import implementations
from agents.tools.context import ToolContext
from agents.tools.files import RunFiles
from agents.tools.house import TOOLS
from agents.tools.leave import Granted, Leave
from agents.tools.workplace import Workplace
from tenants.egress import Policy
from tests.agents.conftest import api  # noqa: F401 - a fixture
from tests.servers.web import Web

NAME = "files.example"
ANNA = User("anna", "t1", 1)


@dataclass
class Bench:
    """One run's tools. `use` calls one as an agent would; `told` is what they said about it."""

    context: ToolContext
    told: list[tuple[str, dict[str, Any]]]
    refused: list[tuple[str, str]]
    tools: Mapping[str, Any] = field(default_factory=lambda: TOOLS)
    made: dict[str, Any] = field(default_factory=dict)

    def use(self, name: str, user: User = ANNA, /, **arguments: Any) -> str:
        return asyncio.run(self.use_async(name, user, **arguments))

    async def use_async(self, name: str, user: User = ANNA, /, **arguments: Any) -> str:
        if name not in self.made:
            self.made.update(implementations([name], self.tools, self.context))
        return str(await self.made[name].run(arguments, user))


MakeBench = Callable[..., Bench]


def granted(*codes: str, **bounds: Any) -> Leave:
    """What an agent may that was installed with these permissions."""
    return Leave((Granted.of(codes, bounds),))


@pytest.fixture
def bench_of(tmp_path: Path) -> MakeBench:
    def make(*, tools: Mapping[str, Any] = TOOLS, **context: Any) -> Bench:
        told: list[tuple[str, dict[str, Any]]] = []
        refused: list[tuple[str, str]] = []

        def emit(kind: str, **data: Any) -> None:
            told.append((kind, data))

        async def note(tool: str, arguments: Mapping[str, Any], user: User, reason: str) -> None:
            refused.append((tool, reason))

        given = {
            "run_id": UUID(int=7),
            "schema": "public",
            "emit": emit,
            "files": RunFiles(tmp_path / "run"),
            "egress": Policy(),
            "workplace": Workplace(tools=tools),
            "refused": note,
            **context,
        }
        return Bench(ToolContext(**given), told, refused, tools)

    return make


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        yield server


@pytest.fixture
def policy(web: Web) -> Policy:
    """Lets out one server of this machine, under a made-up name."""
    return Policy(local=frozenset({(NAME, web.port)}), resolve=lambda _host, _port: ["127.0.0.1"], seconds=60)

"""Live stacks that several files share, one after the other: a start takes as long as a dozen tests.

`tests/plugin.py` brings the files of a kind to one process, in the order that stands here. A file that is not here has a
stack of its own: it says in `live_services` and `live_env` of what kind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.stack.paths import CHECKOUT
from tests.servers.live import LiveStack, running
from tests.servers.llm import FakeLLM
from tests.servers.storage import Storage
from tests.servers.waiting import wait_for


@dataclass(frozen=True)
class Kind:
    """What runs beside the web server, and for whom; `asks` a model that the tests script, as `live_model`."""

    services: tuple[str, ...]
    env: Mapping[str, str]
    files: tuple[str, ...]
    asks: bool = False


KINDS = {
    "workers": Kind(
        services=("crews", "simulations", "beat"),
        env={},
        files=(
            "tests/simulations/test_browser.py",
            "tests/simulations/sweeps/test_browser.py",
            "tests/simulations/test_live.py",
            "tests/site/test_market_journey.py",
            "tests/site/test_browser.py",  # the last: it leaves the catalogue's evaluations to be played
        ),
    ),
    "web": Kind(
        services=(),
        env={"SOCKET_CHECK_SECONDS": "0.2"},
        files=(
            "tests/console/test_browser.py",
            "tests/projects/test_live.py",
            "tests/projects/test_event_stream.py",
            "tests/projects/test_socket_proof.py",
            "tests/tenants/test_bodies.py",
            "tests/tenants/test_docs.py",
            "tests/tenants/test_database_away.py",
        ),
    ),
    "crews": Kind(
        services=("crews", "beat"),
        env={},
        files=(
            "tests/agents/test_crash.py",
            "tests/asking/test_fresh_process.py",
            "tests/enforcement/test_kill_switch.py",
        ),
        asks=True,
    ),
}
_KIND_OF = {file: (name, place) for name, kind in KINDS.items() for place, file in enumerate(kind.files)}


def together(file: str) -> tuple[str, int]:
    """What goes to one process with this file (at least itself), and the file's place among it. Paths begin at the checkout."""
    return _KIND_OF.get(file, (file, 0))


def file_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix() if path.is_relative_to(CHECKOUT) else str(path)


@dataclass
class Shared:
    """The stack that runs in this process at the moment, if one does, and the model that it asks."""

    kind: str = ""
    stack: LiveStack | None = None
    model: FakeLLM | None = None
    _ends: ExitStack = field(default_factory=ExitStack)

    def begin(self, name: str, storage: Storage) -> LiveStack:
        """The stack of this kind: the one that runs, or a new one."""
        if self.stack is None or self.kind != name:
            self.end()
            kind = KINDS[name]
            stack = running(storage, kind.services, {**self._asked(kind), **kind.env})
            self.stack, self.kind = self._ends.enter_context(stack), name
        return self.stack

    def _asked(self, kind: Kind) -> Mapping[str, str]:
        if not kind.asks:
            return {}
        self.model = self._ends.enter_context(FakeLLM())
        return {"OPENAI_BASE_URL": self.model.openai_url, "OPENAI_MODEL": "fake-1"}

    def end_unless_wanted(self, then: pytest.Item | None) -> None:
        """End it when the next test is of another kind."""
        if self.kind and (then is None or together(file_of(then.path))[0] != self.kind):
            self.end()

    def end(self) -> None:
        self._ends.close()
        self.kind, self.stack, self.model = "", None, None


shared = Shared()


@pytest.fixture(scope="module")
def live_stack(request: pytest.FixtureRequest, storage: Storage) -> Iterator[LiveStack]:
    """The stack that the file shares with others of its kind; they may have left rows in it."""
    name, _ = together(file_of(request.path))
    if name in KINDS:
        yield shared.begin(name, storage)
        return
    services, env = (request.getfixturevalue(each) for each in ("live_services", "live_env"))
    with running(storage, services, env) as stack:
        yield stack


@pytest.fixture
def live_model(live_stack: LiveStack) -> FakeLLM:
    """The model that a shared stack asks: it echoes, and has seen nothing yet."""
    assert shared.model is not None, "no kind in KINDS that asks a model has this file"
    shared.model.reset()
    shared.model.latency = 0.0
    return shared.model


@pytest.fixture
def live_api(live_stack: LiveStack) -> Iterator[httpx.Client]:
    """Alice's program at Acme: addresses begin behind `/w/acme/api/v1/`."""
    with httpx.Client(
        base_url=f"{live_stack.url}/w/acme/api/v1/", timeout=120, auth=SignedIn(live_stack.url)
    ) as client:
        yield client


class SignedIn(httpx.Auth):
    """Alice's access token, which lives five minutes: a test that takes longer gets another one, as programs do."""

    requires_response_body = True

    def __init__(self, url: str) -> None:
        self._url, self._token = url, ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if not self._token:
            yield from self._sign_in()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            yield from self._sign_in()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _sign_in(self) -> Generator[httpx.Request, httpx.Response]:
        from tests import cast

        body = {"email": "alice@acme.example", "password": cast.PASSWORD}
        answer = yield httpx.Request("POST", f"{self._url}/api/v1/auth/token/", json=body)
        self._token = answer.json()["access"]


def until(
    api: httpx.Client, address: str, done: Callable[[dict[str, Any]], bool], *, seconds: float = 180
) -> dict[str, Any]:
    """What stands at the address as soon as it is as it should be."""
    seen: list[dict[str, Any]] = []

    def is_done() -> bool:
        seen.append(api.get(address).json())
        return done(seen[-1])

    wait_for(is_done, seconds=seconds, otherwise=lambda: f"{address} did not come to it: {seen[-1]}")
    return seen[-1]

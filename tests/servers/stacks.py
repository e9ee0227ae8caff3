"""Live stacks that several files share, one after the other: a start takes as long as a dozen tests.

`tests/plugin.py` brings the files of a kind to one process, in the order that stands here. A file that is not here has a
stack of its own: it says in `live_services` and `live_env` of what kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.stack.paths import CHECKOUT
from tests.servers.live import LiveStack, running
from tests.servers.storage import Storage


@dataclass(frozen=True)
class Kind:
    """What runs beside the web server, and for whom."""

    services: tuple[str, ...]
    env: Mapping[str, str]
    files: tuple[str, ...]


KINDS = {
    "workers": Kind(
        services=("crews", "simulations", "beat"),
        env={},
        files=(
            "tests/simulations/test_browser.py",
            "tests/simulations/sweeps/test_browser.py",
            "tests/simulations/test_live.py",
            "tests/site/test_market_journey.py",
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
}
_KIND_OF = {file: (name, place) for name, kind in KINDS.items() for place, file in enumerate(kind.files)}


def together(file: str) -> tuple[str, int]:
    """What goes to one process with this file (at least itself), and the file's place among it. Paths begin at the checkout."""
    return _KIND_OF.get(file, (file, 0))


def file_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix() if path.is_relative_to(CHECKOUT) else str(path)


@dataclass
class Shared:
    """The stack that runs in this process at the moment, if one does."""

    kind: str = ""
    stack: LiveStack | None = None
    _ends: ExitStack = field(default_factory=ExitStack)

    def begin(self, name: str, storage: Storage) -> LiveStack:
        """The stack of this kind: the one that runs, or a new one."""
        if self.stack is None or self.kind != name:
            self.end()
            stack = running(storage, KINDS[name].services, KINDS[name].env)
            self.stack, self.kind = self._ends.enter_context(stack), name
        return self.stack

    def end_unless_wanted(self, then: pytest.Item | None) -> None:
        """End it when the next test is of another kind."""
        if self.kind and (then is None or together(file_of(then.path))[0] != self.kind):
            self.end()

    def end(self) -> None:
        self._ends.close()
        self.kind, self.stack = "", None


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

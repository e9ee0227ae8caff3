"""From nothing to a running Guildhall, and back to nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.stack import migrations, orphans, paths, ports, postgres, services, valkey
from config.stack.lock import AlreadyRunning, DataLock
from config.stack.paths import CannotWrite, Layout, NoRoomForSockets
from config.stack.ports import NoFreePort
from config.stack.postgres import CannotStart
from config.stack.processes import EndedEarly, Program, tail
from config.stack.services import GUILDHALL, Product, Service, Surroundings
from config.stack.supervisor import GaveUp, Stopped, Supervisor
from config.stack.valkey import NoValkey

DEFAULT_PORT = 8000
INTERRUPTED = 130
Job = Callable[[Surroundings, str], Program]

_EXPECTED = (
    AlreadyRunning,
    CannotStart,
    CannotWrite,
    EndedEarly,
    GaveUp,
    NoFreePort,
    NoRoomForSockets,
    NoValkey,
    PermissionError,
)


class MigrationFailed(RuntimeError):
    """The database could not be brought to what this version needs."""


def url_of(door: socket.socket) -> str:
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def say(text: str) -> None:
    """Tell the person at the terminal, if the terminal is still there."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


@dataclass(frozen=True, slots=True)
class Up:
    """One start of everything. `job` is a program to run when it all stands; with `once` its end is the end."""

    data: Path
    port: int = DEFAULT_PORT
    job: Job | None = None
    once: bool = False
    product: Product = GUILDHALL

    def run(self) -> int:
        """Serve until asked to stop. Returns the exit status: 0, the job's with `once`, 130 when it was interrupted, 1 after a failure."""
        try:
            with contextlib.ExitStack() as held:
                return self._serve(held)
        except Stopped:
            say("Stopped; nothing is left running.")
            return INTERRUPTED if self.once else 0
        except (*_EXPECTED, MigrationFailed) as refusal:
            say(f"{refusal}")
            return 1

    def _serve(self, held: contextlib.ExitStack) -> int:
        began = time.monotonic()
        paths.make_private(self.data, mode=0o711)
        lock = DataLock(self.data)
        held.callback(lock.release)
        for name in orphans.end_orphans(self.data):
            say(f"Ended {name}, left over by a start that was killed.")
        door = held.enter_context(ports.listen(self.port))
        supervisor = Supervisor(self.data, say=say)
        held.enter_context(supervisor.watching_signals())
        around = self._surroundings(door)
        self._start_storage(supervisor, around)
        self._start_product(supervisor, around, door)
        url = url_of(door)
        lock.announce(url=url)
        say(f"Guildhall is up at {url} after {time.monotonic() - began:.1f} s (logs in {around.logs}).")
        return self._work(supervisor, around, url)

    def _work(self, supervisor: Supervisor, around: Surroundings, url: str) -> int:
        status = supervisor.run(self.job(around, url)) if self.job else 0
        if self.once:
            return status
        if status:
            say("The demo did not finish; the site is up all the same.")
        say("Ctrl-C stops it.")
        supervisor.supervise()
        return 0

    def _surroundings(self, door: socket.socket) -> Surroundings:
        port = door.getsockname()[1]
        if self.port and port != self.port:
            say(f"Port {self.port} is taken; using {port}.")
        return services.surroundings(self.data, url_of(door))

    def _start_storage(self, supervisor: Supervisor, around: Surroundings) -> None:
        storage, cluster = embedded(self.data)
        if storage:
            new = cluster is not None and not (cluster.layout.postgres / "PG_VERSION").exists()
            say(f"Starting {' and '.join(service.name for service in storage)}{' for the first time' if new else ''} …")
            supervisor.start(storage)
        if cluster is None:
            self._migrate(supervisor, around)
            return
        cluster.ensure_database()
        if not migrations.is_current(cluster.layout):
            self._migrate(supervisor, around)
            migrations.mark_current(cluster.layout)

    def _migrate(self, supervisor: Supervisor, around: Surroundings) -> None:
        say("Preparing the database …")
        program = self.product.migrate(around)
        if supervisor.run(program):
            raise MigrationFailed(f"The database could not be prepared.{tail(program.log)}")

    def _start_product(self, supervisor: Supervisor, around: Surroundings, door: socket.socket) -> None:
        """The site alone at first: with few processors, workers that start beside it would keep the first page waiting."""
        first, *others = self.product.services(around, door)
        say(f"Starting {first.name} …")
        supervisor.start([first])
        supervisor.start(others)


def embedded(data: Path) -> tuple[Sequence[Service], postgres.Server | None]:
    """The servers that the environment does not name: what to start, and the cluster when it is ours."""
    started: list[Service] = []
    cluster = None if os.environ.get("DATABASE_URL") else postgres.establish(data)
    layout = cluster.layout if cluster else paths.establish(data)
    if cluster:
        started.append(Service(cluster.program, cluster.prepare, cluster.is_ready))
    if not os.environ.get("REDIS_URL"):
        started.append(_valkey(layout))
    return started, cluster


def _valkey(layout: Layout) -> Service:
    server = valkey.Server(layout)
    return Service(server.program, server.prepare, server.is_ready)

"""The processes of a Guildhall and how each is started, watched and asked to end."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from config.stack.paths import CHECKOUT
from config.stack.processes import Program, StopSteps

# A task that is cut short goes back to the queue: its lease runs out, or celery returns it at SIGQUIT.
_WORKER_STOP: StopSteps = ((Signals.SIGTERM, 5.0), (Signals.SIGQUIT, 3.0))
_LEAN = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
ANSWER_SECONDS = 2.0  # half a second is less than a busy machine takes for one answer: it would never count as ready


def _nothing() -> None:
    """Most services need no preparation."""


def _at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Service:
    """A program that is kept running."""

    program: Program
    prepare: Callable[[], None] = _nothing
    is_ready: Callable[[], bool] = _at_once
    patience: float = 300.0  # seconds until it must be ready: a busy machine takes minutes for what takes seconds

    @property
    def name(self) -> str:
        return self.program.name


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the programs of our own run."""

    logs: Path
    env: Mapping[str, str]

    def python(
        self, name: str, *argv: str, stop: StopSteps = _WORKER_STOP, fds: Sequence[int] = (), log: bool = True
    ) -> Program:
        """A program of this checkout in this Python; without a log it speaks on our terminal."""
        return Program(
            name=name,
            argv=[sys.executable, *argv],
            log=self.logs / f"{name}.log" if log else None,
            env=self.env,
            cwd=CHECKOUT,
            stop=stop,
            fds=fds,
        )


def surroundings(data: Path, url: str) -> Surroundings:
    """The environment of our children: ours, and where the stack is."""
    env = {
        **os.environ,
        "GUILDHALL_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    if url:
        env.setdefault("PUBLIC_URL", url)
    if not os.access(Path.home(), os.W_OK):
        home = data / "home"
        home.mkdir(exist_ok=True)
        env["HOME"] = str(home)
    return Surroundings(logs=data / "logs", env=env)


def web(around: Surroundings, door: socket.socket) -> Service:
    """The site behind a socket that stays open while the server behind it restarts."""
    fd, port = door.fileno(), int(door.getsockname()[1])
    program = around.python("web", "-m", "config.stack.web", "--fd", str(fd), stop=((Signals.SIGTERM, 5.0),), fds=(fd,))
    return Service(program, is_ready=lambda: answers(port))


def crews_worker(around: Surroundings) -> Service:
    """Waits for models most of the time, so many runs share one process."""
    pool = ("-P", "threads", "-c", "16", "-Q", "crews,default,upkeep", "-n", "crews@%h")
    return Service(around.python("worker-crews", "-m", "celery", "-A", "config", "worker", *pool, *_LEAN))


def simulations_worker(around: Surroundings) -> Service:
    """Computes, so every play has a process of its own."""
    pool = ("-P", "prefork", "-c", "1", "-Q", "simulations,upkeep", "-n", "simulations@%h")
    return Service(around.python("worker-simulations", "-m", "celery", "-A", "config", "worker", *pool, *_LEAN))


def beat(around: Surroundings) -> Service:
    return Service(around.python("beat", "-m", "celery", "-A", "config", "beat", "--pidfile=", "--loglevel", "INFO"))


def _migrate(around: Surroundings) -> Program:
    return around.python("migrate", "manage.py", "prepare")


def _all(around: Surroundings, door: socket.socket) -> Sequence[Service]:
    return (web(around, door), crews_worker(around), simulations_worker(around), beat(around))


@dataclass(frozen=True, slots=True)
class Product:
    """What stands on the storage: the program that prepares its database, and its services, the one that a person waits for first."""

    migrate: Callable[[Surroundings], Program]
    services: Callable[[Surroundings, socket.socket], Sequence[Service]]


GUILDHALL = Product(migrate=_migrate, services=_all)


def answers(port: int, path: str = "/healthz") -> bool:
    """Whether the web server on this machine answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

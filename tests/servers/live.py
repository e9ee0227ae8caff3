"""The whole product as processes: a database and a valkey of its own, a real web server, real workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import Signals

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config.stack import paths, ports, services, valkey
from config.stack.processes import Child, Program, spawn, stop_all, tail, wait_until
from config.stack.services import Service, Surroundings
from tests.servers.storage import Storage

_WORKERS: dict[str, Callable[[Surroundings], Service]] = {
    "crews": services.crews_worker,
    "simulations": services.simulations_worker,
    "beat": services.beat,
}


@dataclass
class LiveStack:
    """Processes by name (`web`, `crews`, `simulations`, `beat`) and where to reach them."""

    url: str
    database_url: str
    redis_url: str
    around: Surroundings
    storage: Storage
    running: dict[str, tuple[Child, Program]] = field(default_factory=dict)

    @property
    def ws_url(self) -> str:
        return self.url.replace("http://", "ws://")

    @property
    def env(self) -> Mapping[str, str]:
        """What a subprocess of a test needs to meet the same stack: `manage.py`, the client."""
        return self.around.env

    def start_worker(self, name: str = "crews", *, ready: bool = True, env: Mapping[str, str] | None = None) -> None:
        """Start a worker, in this environment beside the stack's, and wait until it takes work."""
        service = _WORKERS[name](replace(self.around, env={**self.around.env, **(env or {})}))
        log = service.program.log
        already = log.stat().st_size if log and log.exists() else 0
        self._run(name, Service(service.program, is_ready=lambda: not ready or _says_ready(log, already)))

    def kill_worker(self, name: str = "crews", sign: Signals = Signals.SIGKILL) -> None:
        """End it without a word, as a crash would."""
        child, _ = self.running.pop(name)
        child.send_signal(sign)
        stop_all({child: ((sign, 10.0),)})

    def restart(self, name: str, *, meanwhile: Callable[[], None]) -> None:
        """Kill it, and start the same program again afterwards; `valkey` forgets everything, as it keeps nothing here."""
        child, program = self.running.pop(name)
        stop_all({child: ((Signals.SIGKILL, 10.0),)})
        meanwhile()
        self.running[name] = (spawn(program), program)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """It and its children are there and do nothing, as on a machine that stalls."""
        pid = self.pid(name)
        os.killpg(pid, Signals.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(pid, Signals.SIGCONT)

    def pid(self, name: str) -> int:
        return self.running[name][0].pid

    def tails(self) -> str:
        return "\n".join(f"{log.name}:{tail(log, lines=40)}" for log in sorted(self.around.logs.glob("*.log")))

    def stop(self) -> None:
        """A moment to say goodbye, then the end: nothing here has to last."""
        stop_all({child: ((Signals.SIGTERM, 0.5),) for child, _ in self.running.values()})
        self.running.clear()

    def _run(self, name: str, service: Service) -> None:
        service.prepare()
        child = spawn(service.program)
        self.running[name] = (child, service.program)
        wait_until(service.is_ready, child, service.program, seconds=180)


def leases_run_out(stack: LiveStack) -> None:
    """The time passes after which work of a worker that says nothing is taken from it; a living one renews what it holds."""
    with psycopg.connect(stack.database_url) as database:
        database.execute("UPDATE work_workitem SET lease_until = now() - interval '1 second' WHERE state = 'running'")


@contextmanager
def database_away(stack: LiveStack) -> Iterator[None]:
    """The stack's database lets nobody in, and everybody is out, as while it is started anew."""
    name = str(conninfo_to_dict(stack.database_url)["dbname"])
    with psycopg.connect(make_conninfo(stack.database_url, dbname="postgres"), autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def _says_ready(log: Path | None, after: int) -> bool:
    if log is None or not log.exists():
        return False
    with log.open("rb") as text:
        text.seek(after)
        said = text.read()
    return b" ready." in said or b"beat: Starting" in said


@pytest.fixture(scope="module")
def live_env() -> dict[str, str]:
    """Override in a test module: variables of the live processes, for instance where a model server listens."""
    return {}


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    """Override in a test module: which workers run beside the web server."""
    return ("crews", "simulations", "beat")


@contextmanager
def running(storage: Storage, workers: Sequence[str], env: Mapping[str, str]) -> Iterator[LiveStack]:
    """A stack of its own on a clone of the template; `storage` must have been started."""
    name = f"live_{storage.slot.name}_{storage.worker}"
    data = storage.slot / storage.worker / "live"
    shutil.rmtree(data, ignore_errors=True)
    own = valkey.Server(paths.establish(data), durable=False)
    environment = {
        **os.environ,
        "ENVIRONMENT": "testing",
        "DATABASE_URL": storage.clone(name),
        "REDIS_URL": own.layout.redis_url(),
        "GUILDHALL_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "OLLAMA_URL": "http://127.0.0.1:9",  # nothing listens there
        "OPENAI_API_KEY": "",
        "PROVIDER_PATIENCE_SECONDS": "0",  # tests of waiting say so
        **env,
    }
    with ports.listen(0) as door:
        port = door.getsockname()[1]
        around = Surroundings(logs=data / "logs", env={"PUBLIC_URL": f"http://127.0.0.1:{port}", **environment})
        stack = LiveStack(
            f"http://127.0.0.1:{port}", environment["DATABASE_URL"], environment["REDIS_URL"], around, storage
        )
        try:
            stack._run("valkey", Service(own.program, own.prepare, own.is_ready))
            stack._run("web", services.web(around, door))
            for worker in workers:
                stack.start_worker(worker)
            yield stack
        finally:
            stack.stop()
    storage.drop(name)

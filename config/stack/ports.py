"""The web server's door: taken before anything is started, and kept open while the server behind it restarts."""

from __future__ import annotations

import socket

_TRIES = 100


class NoFreePort(RuntimeError):
    """None of the ports tried is free."""


def listen(first: int, *, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket on `first` or the next free port; port 0 means any."""
    for port in range(first, min(first + _TRIES, 65536)) if first else (0,):
        try:
            return _listen(host, port)
        except OSError:
            continue
    raise NoFreePort(f"No port from {first} to {first + _TRIES - 1} is free. Choose another with --port.")


def _listen(host: str, port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(2048)
    except OSError:
        door.close()
        raise
    return door

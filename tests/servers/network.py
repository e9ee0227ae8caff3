"""Tests talk to this machine only."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class OutsideRefused(RuntimeError):
    """A test wanted to leave the machine. Not an OSError, so that no client takes it for bad weather."""

    def __init__(self, host: object) -> None:
        super().__init__(f"Tests may not reach {host}; use a server of tests.servers.")


def close_to_the_outside() -> None:
    def connect(self: socket.socket, address: Any) -> None:
        _check(self, address)
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return _connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        if not _is_local(host):
            raise OutsideRefused(host)
        return _getaddrinfo(host, *args, **options)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = getaddrinfo


def _check(door: socket.socket, address: Any) -> None:
    if door.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
        raise OutsideRefused(address[0])


def _is_local(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost" or name.endswith(".localhost") or name == socket.gethostname():
        return True
    try:
        return ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return False

"""Web servers for tests: paths are answered by functions; connections are counted, also those that say nothing."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. `write` replaces the body by whatever it does to the connection."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[Any], None] | None = None


class Web:
    """`pages` maps paths to answers, or to functions of what was asked. `asked` keeps every request, `connections` counts."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page | Callable[[Asked], Page]] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self._server = _Server((host, 0), self, socket.AF_INET6 if ":" in host else socket.AF_INET, tls)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, address: tuple[str, int], web: Web, family: socket.AddressFamily, tls: ssl.SSLContext | None
    ) -> None:
        self.address_family = family
        self.web = web
        self._tls = tls
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        self.web.connections += 1
        return connection, peer

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        with self._tls.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(
            self.command,
            self.path,
            {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers},
            body,
        )
        self.server.web.asked.append(asked)
        page = self.server.web.pages.get(self.path.partition("?")[0], Page(b"not here", 404))
        self._answer(page if isinstance(page, Page) else page(asked))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - http.server's names

    def _answer(self, page: Page) -> None:
        if page.write is not None:
            self.close_connection = True
            with suppress(OSError):
                page.write(self.connection)
            return
        self.send_response(page.status)
        for name, value in {"Content-Type": "text/plain; charset=utf-8", **page.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Tests read `asked`."""


def html(text: str) -> Page:
    return Page(text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def packed(body: bytes, encoding: str = "gzip") -> Page:
    return Page(gzip.compress(body), headers={"Content-Encoding": encoding})


def drip(seconds: float, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") -> Page:
    """One byte every `seconds`, after `head`."""

    def write(connection: Any) -> None:
        connection.sendall(head)
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(seconds)

    return Page(write=write)


def endless(chunk: bytes = b"x" * 65_536) -> Page:
    def write(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            connection.sendall(chunk)

    return Page(write=write)


def says(raw: bytes) -> Page:
    return Page(write=lambda connection: connection.sendall(raw))


@contextmanager
def connects() -> Iterator[list[str]]:
    """Every address that this process tries to connect to, by any socket, whether or not it may."""
    tried: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def noting(original: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                tried.append(str(address[0]))
            return original(self, address)

        return call

    socket.socket.connect, socket.socket.connect_ex = noting(connect), noting(connect_ex)  # type: ignore[method-assign]
    try:
        yield tried
    finally:
        socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]

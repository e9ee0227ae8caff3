"""The connection to a model server: pooled clients, and limits that a slow or endless answer cannot get around.

A client's own timeout counts per read, so a server that sends one byte a second defeats it. Here every read from the
socket asks the call's `Watch` how long it may still take, headers included.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, NoReturn, TypeVar

import httpcore
import httpx

from agents.llm.failures import parse_retry_after
from agents.llm.types import BadReply, LLMError, ProviderUnreachable, RequestRefused

T = TypeVar("T")

SENT_HEADERS = frozenset({
    "host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "user-agent",
})  # fmt: skip

DRAIN = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one attempt, and the size of an answer in bytes. `total` ends an attempt whatever the caller's deadline."""

    connect: float = 5.0
    first_byte: float = 30.0
    idle: float = 20.0
    total: float = 120.0
    max_bytes: int = 4_000_000


class Watch:
    """The limits of one attempt under way. When one is crossed, `tripped` says which."""

    def __init__(self, limits: Limits, *, deadline: float, provider: str) -> None:
        self.limits = limits
        self.provider = provider
        self.tripped: LLMError | None = None
        self.retry_after: float | None = None
        self._end = min(deadline, time.monotonic() + limits.total)
        self._received = 0
        if self._end <= time.monotonic():
            raise ProviderUnreachable("The deadline had passed before the call.", provider=provider)

    def time_left(self) -> float:
        return self._end - time.monotonic()

    def patience(self) -> float:
        """Seconds that the next read may take."""
        step = self.limits.idle if self._received else self.limits.first_byte
        return min(step, self.time_left())

    def take(self, size: int) -> None:
        self._received += size
        if self._received > self.limits.max_bytes:
            self.trip(BadReply(f"The answer is larger than {self.limits.max_bytes:,} bytes.", provider=self.provider))

    def give_up(self) -> NoReturn:
        if self.time_left() <= 0:
            what = "The answer was not complete before the deadline."
        elif self._received:
            what = f"The answer stopped: nothing came for {self.limits.idle:g} seconds."
        else:
            what = f"No answer began within {self.limits.first_byte:g} seconds."
        self.trip(ProviderUnreachable(what, provider=self.provider))

    def trip(self, failure: LLMError) -> NoReturn:
        """End the attempt with `failure`, kept in `tripped` because a client in between may turn it into an error of its own."""
        self.tripped = failure
        raise failure


_watch: ContextVar[Watch] = ContextVar("llm_watch")


@contextmanager
def watching(limits: Limits, *, deadline: float, provider: str) -> Iterator[Watch]:
    """Hold every connection that this thread uses inside to `limits` and `deadline` (time.monotonic seconds)."""
    watch = Watch(limits, deadline=deadline, provider=provider)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


class _WatchedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = _watch.get()
        patience = watch.patience()
        if patience <= 0:
            watch.give_up()
        try:
            content = self._inner.read(max_bytes, patience)
        except httpcore.ReadTimeout:
            watch.give_up()
        watch.take(len(content))
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, max(0.001, _watch.get().time_left()))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _WatchedStream(self._inner.start_tls(ssl_context, server_hostname, _connect_time()))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _WatchedBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, _connect_time(), local_address, socket_options)
        return _WatchedStream(stream)


def _connect_time() -> float:
    watch = _watch.get()
    return max(0.001, min(watch.limits.connect, watch.time_left()))


class _Drained(httpx.SyncByteStream):
    """A response body that is read to its end when it is closed just before it.

    The openai client stops at `[DONE]`, a few bytes before the end of the body; left there, they would cost the
    connection, and so a TLS handshake per call.
    """

    def __init__(self, inner: httpx.SyncByteStream) -> None:
        self._inner = inner
        self._parts: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[bytes]:
        self._parts = iter(self._inner)
        return self._parts

    def close(self) -> None:
        with suppress(httpx.HTTPError, LLMError), watching(Limits(), deadline=time.monotonic() + DRAIN, provider=""):
            next(self._parts, None)
        self._inner.close()


class _Transport(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Drained(response.stream)
        return response


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: reading the certificates takes longer than the rest of a client."""
    return httpx.create_ssl_context()


def _transport(*, proxy: str) -> httpx.HTTPTransport:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=30)
    made = _Transport(verify=_tls(), limits=limits, proxy=proxy or None)
    made._pool._network_backend = _WatchedBackend()  # noqa: SLF001 - httpx takes no backend; a drip test holds this line
    return made


def client_options(*, keyless: bool, proxy: str = "") -> dict[str, Any]:
    """Arguments for httpx.Client: no redirects, nothing from the environment, only the headers that a model server needs."""

    def clean(request: httpx.Request) -> None:
        for name in set(request.headers) - SENT_HEADERS:
            del request.headers[name]
        if keyless:
            request.headers.pop("authorization", None)
        request.headers["accept-encoding"] = "identity"

    return {
        "transport": _transport(proxy=proxy),
        "timeout": None,
        "follow_redirects": False,
        "trust_env": False,
        "event_hooks": {"request": [clean], "response": [_look_at_head]},
    }


def _look_at_head(response: httpx.Response) -> None:
    watch = _watch.get()
    if response.is_redirect:
        watch.trip(
            RequestRefused("The address answers with a redirect, which is not followed.", provider=watch.provider)
        )
    if not response.is_success:
        watch.retry_after = parse_retry_after(response.headers)
    elif response.headers.get("content-encoding", "identity") != "identity":
        watch.trip(BadReply("The answer is compressed although that was not asked for.", provider=watch.provider))
    elif "text/html" in response.headers.get("content-type", ""):
        watch.trip(BadReply("The address answers with a web page, not as a model server.", provider=watch.provider))


class ClientPool(Generic[T]):
    """One client per key and process: making one costs 40 ms, and a new one has no open connection."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._clients: dict[Hashable, T] = {}
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._clients:
                if len(self._clients) >= self._size:
                    del self._clients[next(iter(self._clients))]
                self._clients[key] = make()
            return self._clients[key]

    def _forget(self) -> None:
        self._clients = {}
        self._lock = threading.Lock()

"""The connection to a model server: pooled clients, and limits that a slow or endless answer cannot get around.

A client's own timeout counts per read, so a server that sends one byte a second defeats it. Here a clock runs beside the
whole attempt: it ends the task's wait, wherever that is, and every piece of an answer sets it anew.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, NoReturn, TypeVar
from weakref import WeakKeyDictionary

import httpx

from agents.llm.failures import parse_retry_after
from agents.llm.lines import LineTransport
from agents.llm.plain import PlainClient
from agents.llm.spreading import Spread
from agents.llm.types import BadReply, LLMError, ProviderUnreachable, RequestRefused

T = TypeVar("T")

SENT_HEADERS = frozenset({
    b"host", b"accept", b"authorization", b"connection", b"content-length", b"content-type", b"user-agent",
    b"x-api-key", b"anthropic-version", b"x-goog-api-key",
})  # fmt: skip

LAST_EVENT = b"data: [DONE]"
DRAIN = 0.05

MakeTransport = Callable[[], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one attempt, and the size of an answer in bytes. `total` ends an attempt whatever the caller's deadline."""

    connect: float = 5.0
    first_byte: float = 30.0
    idle: float = 20.0
    total: float = 120.0
    max_bytes: int = 4_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """How connections are made: directly, through the operator's `proxy`, or by `transport`, the door for addresses that a user gave.

    Connections are kept per way, so `transport` must be the same object from call to call.
    """

    proxy: str = ""
    transport: MakeTransport | None = None


DIRECT = Way()


class Watch:
    """The limits of one attempt under way. When one is crossed, `tripped` says which."""

    def __init__(self, limits: Limits, *, deadline: float, provider: str) -> None:
        self.limits = limits
        self.provider = provider
        self.tripped: LLMError | None = None
        self.retry_after: float | None = None
        self.first_byte_seconds = 0.0
        self._began = time.monotonic()
        self._end = min(deadline, self._began + limits.total)
        self._received = 0
        if self._end <= self._began:
            raise self._unreachable("The deadline had passed before the call.")
        loop_time = asyncio.get_running_loop().time()
        self._offset = loop_time - self._began  # uvloop's clock and ours need not start together
        self.clock = asyncio.timeout_at(self._offset + min(self._end, self._began + limits.first_byte))

    def connect_time(self) -> float:
        return max(0.001, min(self.limits.connect, self._end - time.monotonic()))

    def take(self, size: int) -> None:
        """Note a piece of the answer: its size counts, and the wait for the next one begins."""
        now = time.monotonic()
        if not self._received:
            self.first_byte_seconds = now - self._began
        self._received += size
        if self._received > self.limits.max_bytes:
            self.trip(BadReply(f"The answer is larger than {self.limits.max_bytes:,} bytes.", provider=self.provider))
        if not self.clock.expired():
            self.clock.reschedule(self._offset + min(self._end, now + self.limits.idle))

    def gave_up(self) -> ProviderUnreachable:
        """Why the clock ended the attempt."""
        if self._end <= time.monotonic() + 0.001:
            what = "The answer was not complete before the deadline."
        elif self._received:
            what = f"The answer stopped: nothing came for {self.limits.idle:g} seconds."
        else:
            what = f"No answer began within {self.limits.first_byte:g} seconds."
        return self._unreachable(what)

    def _unreachable(self, what: str) -> ProviderUnreachable:
        failure = ProviderUnreachable(what, provider=self.provider)
        failure.hurried = self._end - self._began < min(self.limits.connect, self.limits.total)
        return failure

    def trip(self, failure: LLMError) -> NoReturn:
        """End the attempt with `failure`, kept in `tripped` because a client in between may turn it into an error of its own."""
        self.tripped = failure
        raise failure


_watch: ContextVar[Watch] = ContextVar("llm_watch")


@asynccontextmanager
async def watching(limits: Limits, *, deadline: float, provider: str) -> AsyncIterator[Watch]:
    """Hold everything that this task does inside to `limits` and `deadline` (time.monotonic seconds)."""
    watch = Watch(limits, deadline=deadline, provider=provider)
    token = _watch.set(watch)
    try:
        async with watch.clock:
            yield watch
    except TimeoutError:
        if not watch.clock.expired():
            raise
    else:
        return
    finally:
        _watch.reset(token)
    raise watch.gave_up()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, each piece of which is shown to the watch.

    Who reads events stops at the last one, a few bytes before the end of the body; left there, they would cost the
    connection, and so a TLS handshake per call.
    """

    def __init__(self, inner: httpx.AsyncByteStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        self._latest = b""
        self._parts: AsyncIterator[bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._parts = aiter(self._inner)
        return self

    async def __anext__(self) -> bytes:
        assert self._parts is not None  # noqa: S101 - for the type checker: an iteration begins with the method above
        self._latest = await anext(self._parts)
        self._watch.take(len(self._latest))
        return self._latest

    async def aclose(self) -> None:
        if self._parts is not None and self._latest.rstrip().endswith(LAST_EVENT):
            with suppress(httpx.HTTPError, TimeoutError):
                async with asyncio.timeout(DRAIN):
                    await anext(self._parts, None)
        await self._inner.aclose()


class Door(httpx.AsyncBaseTransport):
    """A transport that sends only what a model server needs and looks at each answer before a client does."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, keyless: bool) -> None:
        self._inner = inner
        self._keyless = keyless

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        watch = _watch.get()
        response = await self._inner.handle_async_request(self._sent(request, watch))
        body = response.stream
        assert isinstance(body, httpx.AsyncByteStream)  # noqa: S101 - for the type checker: what an async transport returns
        try:
            _look_at_head(response, watch)
        except LLMError:
            await body.aclose()
            raise
        response.stream = _Body(body, watch)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _sent(self, request: httpx.Request, watch: Watch) -> httpx.Request:
        """What leaves: a copy, because clients look for their own marks in the headers of the original."""
        kept = [(name, value) for name, value in request.headers.raw if name.lower() in SENT_HEADERS]
        headers = [pair for pair in kept if not (self._keyless and pair[0].lower() == b"authorization")]
        return httpx.Request(
            request.method,
            request.url,
            headers=[*headers, (b"Accept-Encoding", b"identity")],
            stream=request.stream,
            extensions={**request.extensions, "timeout": {"connect": watch.connect_time()}},
        )


def _look_at_head(response: httpx.Response, watch: Watch) -> None:
    if response.has_redirect_location:
        watch.trip(
            RequestRefused("The address answers with a redirect, which is not followed.", provider=watch.provider)
        )
    if not response.is_success:
        watch.retry_after = parse_retry_after(response.headers)
    elif response.headers.get("content-encoding", "identity") != "identity":
        watch.trip(BadReply("The answer is compressed although that was not asked for.", provider=watch.provider))
    elif "text/html" in response.headers.get("content-type", ""):
        watch.trip(BadReply("The address answers with a web page, not as a model server.", provider=watch.provider))


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: reading the certificates takes longer than the rest of a client."""
    return httpx.create_ssl_context()


def door(*, keyless: bool, way: Way = DIRECT) -> Door:
    """The transport for a vendor's client: no redirects, nothing from the environment, watched to the last byte."""
    if way.transport is not None:
        return Door(Spread(way.transport), keyless=keyless)
    if not way.proxy:
        return Door(LineTransport(_tls()), keyless=keyless)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=30)
    inner = Spread(lambda: httpx.AsyncHTTPTransport(verify=_tls(), limits=limits, proxy=way.proxy or None))
    return Door(inner, keyless=keyless)


def client(*, keyless: bool, way: Way = DIRECT) -> PlainClient:
    """For a vendor's client that takes one of httpx's."""
    return PlainClient(door(keyless=keyless, way=way))


def client_options(*, keyless: bool, way: Way = DIRECT) -> dict[str, Any]:
    """Arguments for httpx.AsyncClient, whose own timeouts are off: the watch has ours."""
    return {
        "transport": door(keyless=keyless, way=way),
        "timeout": None,
        "follow_redirects": False,
        "trust_env": False,
    }


class ClientPool(Generic[T]):
    """One client per key and event loop: making one costs 40 ms, and a new one has no open connection."""

    def __init__(self, close: Callable[[T], Awaitable[None]], *, size: int = 256) -> None:
        self._close = close
        self._size = size
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, T]] = WeakKeyDictionary()
        os.register_at_fork(after_in_child=self._forget)
        _pools.append(self)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The client of the running loop for `key`. Of too many, the one that was used least recently makes room."""
        clients = self._clients.setdefault(asyncio.get_running_loop(), {})
        client = clients.pop(key, None) or make()
        if len(clients) >= self._size:
            del clients[next(iter(clients))]
        clients[key] = client
        return client

    async def close(self) -> None:
        for client in self._clients.pop(asyncio.get_running_loop(), {}).values():
            await self._close(client)

    def _forget(self) -> None:
        self._clients = WeakKeyDictionary()


_pools: list[ClientPool[Any]] = []


async def close_clients() -> None:
    """Close every connection of the running loop, before it ends."""
    for pool in _pools:
        await pool.close()

"""HTTP/1.1 to model servers, as little of it as they need: one connection per call, kept for the next.

A streamed answer comes in hundreds of small chunks. httpcore makes an event of each and passes it through eight layers; here
a C parser takes a whole packet at once and hands on what it held, which is a third of the processor time of a call. Errors
are httpx's own. Everything that is seldom (proxies, the door for addresses that a user gave) stays with httpx's transport.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from typing import cast

import httptools
import httpx

IDLE_SECONDS = 30.0
MOST_IDLE = 100
MOST_HEAD = 65_536
MUCH = 1_000_000

Origin = tuple[bytes, bytes, int]


class LineTransport(httpx.AsyncBaseTransport):
    """Connections of one event loop, by where they lead; the one that was used last is taken first."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: dict[Origin, list[_Line]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        origin = _origin(request.url)
        line = self._take(origin) or await self._connect(origin, request)
        try:
            status, headers = await line.ask(_head(request, len(content)) + content)
        except BaseException:  # raised again: half an answer is on this line, also when the call was cancelled
            line.cut()
            raise
        return httpx.Response(status, headers=headers, stream=_Body(line, self, origin))

    async def aclose(self) -> None:
        for lines in self._idle.values():
            for line in lines:
                line.cut()
        self._idle.clear()

    def give_back(self, line: _Line, origin: Origin) -> None:
        """Keep a line for the next call, if its answer was read to the end and the server keeps it too."""
        idle = self._idle.setdefault(origin, [])
        if line.is_reusable() and len(idle) < MOST_IDLE:
            line.idle_since = time.monotonic()
            idle.append(line)
        else:
            line.cut()

    def _take(self, origin: Origin) -> _Line | None:
        idle = self._idle.get(origin, [])
        while idle:
            line = idle.pop()
            if line.is_reusable() and time.monotonic() - line.idle_since < IDLE_SECONDS:
                return line
            line.cut()
        return None

    async def _connect(self, origin: Origin, request: httpx.Request) -> _Line:
        scheme, host, port = origin
        if scheme not in {b"http", b"https"}:
            raise httpx.UnsupportedProtocol("Only http and https are spoken here.", request=request)
        name = host.decode("ascii")
        tls = self._tls if scheme == b"https" else None
        seconds = (request.extensions.get("timeout") or {}).get("connect")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                _, line = await loop.create_connection(
                    _Line, name, port, ssl=tls, server_hostname=name if tls is not None else None
                )
        except TimeoutError:
            raise httpx.ConnectTimeout("The connection took too long.", request=request) from None
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise httpx.ConnectError(str(error), request=request) from None
        return line


def _origin(url: httpx.URL) -> Origin:
    scheme = url.raw_scheme
    return scheme, url.raw_host.strip(b"[]"), url.port or (443 if scheme == b"https" else 80)


def _head(request: httpx.Request, length: int) -> bytes:
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    kept = (pair for pair in request.headers.raw if pair[0].lower() not in {b"content-length", b"transfer-encoding"})
    lines += [b"%b: %b" % pair for pair in kept]
    if length or request.method == "POST":
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join([*lines, b"", b""])


class _Line(asyncio.Protocol):
    """One connection. `ask` sends a request and waits for the head of its answer; `more` gives the body as it comes in."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._lost = False
        self._awaited: asyncio.Future[None] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._status = 0
        self._body = bytearray()
        self._seen = 0
        self._paused = False
        self._complete = self._stays = False
        self._broken = ""

    # --- the caller's side ------------------------------------------------------------------------------------------

    async def ask(self, message: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
        self._begin()
        if self._transport is not None:
            self._transport.write(message)
        while not self._status:
            self._check()
            await self._news()
        return self._status, self._headers

    async def more(self) -> bytes:
        """What has come in since; empty at the end."""
        while not self._body:
            if self._complete:
                return b""
            self._check()
            await self._news()
        content = bytes(self._body)
        self._body.clear()
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return content

    def is_reusable(self) -> bool:
        return self._complete and self._stays and not self._lost and not self._broken

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _check(self) -> None:
        if self._broken:
            raise httpx.RemoteProtocolError(self._broken)
        if self._lost:
            raise httpx.ReadError("The connection was closed.")

    async def _news(self) -> None:
        self._awaited = asyncio.get_running_loop().create_future()
        try:
            await self._awaited
        finally:
            self._awaited = None

    def _tell(self) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)

    # --- the loop's side --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._complete:
            self._broken = "The server spoke without being asked."
            return
        self._seen += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._broken = f"The answer is not HTTP: {type(error).__name__}."
        if not self._status and self._seen > MOST_HEAD:
            self._broken = "The head of the answer has no end."
        if len(self._body) > MUCH and self._transport is not None and not self._complete:
            self._paused = True
            self._transport.pause_reading()
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        """Where nothing said how long the body is, its end is the end of the connection."""
        self._lost = True
        if exc is None and self._status and self._ends_with_connection():
            self._complete = True
        self._tell()

    def _ends_with_connection(self) -> bool:
        return not any(name.lower() in {b"content-length", b"transfer-encoding"} for name, _ in self._headers)

    # --- the parser's side ------------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self._status = status
        else:
            self._headers.clear()  # "100 Continue": the answer is still to come

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._complete = bool(self._status)
        self._stays = self._parser.should_keep_alive()  # the parser forgets it after this


class _Body(httpx.AsyncByteStream):
    """The body of an answer; closing it before its end ends the connection at once."""

    def __init__(self, line: _Line, lines: LineTransport, origin: Origin) -> None:
        self._line: _Line | None = line
        self._lines = lines
        self._origin = origin

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """No generator: one that is left before its end costs the loop a task to close it."""
        if self._line is not None and (content := await self._line.more()):
            return content
        raise StopAsyncIteration

    async def aclose(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._lines.give_back(line, self._origin)

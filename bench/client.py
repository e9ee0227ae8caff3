"""A client of the API that costs next to nothing: it shares the machine with what it measures.

One connection, kept open; requests come one after the other, and answers have a Content-Length.
"""

from __future__ import annotations

import asyncio
from typing import Any, Self
from urllib.parse import urlsplit

import orjson


class Refused(RuntimeError):
    """The answer was none that was hoped for."""


class Client:
    """`async with Client(base, headers) as api: await api.post("runs/", {...})`; answers are JSON objects."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self._at = urlsplit(base)
        lines = {"Host": self._at.netloc, "Accept": "application/json", "Content-Type": "application/json", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    async def __aenter__(self) -> Self:
        self._in, self._out = await asyncio.open_connection(self._at.hostname, self._at.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._out.close()
        await self._out.wait_closed()

    async def get(self, path: str) -> Any:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return await self._ask("POST", path, orjson.dumps(body))

    async def _ask(self, method: str, path: str, body: bytes) -> Any:
        line = f"{method} {self._at.path}{path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        self._out.write(line.encode() + body)
        head = await self._in.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        said = await self._in.readexactly(length)
        if not head.startswith(b"HTTP/1.1 2"):
            raise Refused(f"{head.decode().splitlines()[0]}: {said.decode()}")
        return orjson.loads(said)

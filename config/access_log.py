"""What the web server notes of a request: never its query, which may carry a ticket or what somebody searched for, and no key to a shared run or play, or to a workspace."""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

Message = dict[str, Any]
App = Callable[[Message, Any, Any], Awaitable[Any]]
GATHERED_SECONDS = 0.25
PHRASES = {status.value: status.phrase for status in HTTPStatus}
SHARED = ("/shared/runs/", "/shared/simulations/", "/invitations/")


class WithoutQueries(logging.Filter):
    """Cuts the paths among a record's arguments at their question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(value) for value in record.args)
        return True


def _cut(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("/"):
        return value
    shared = next((prefix for prefix in SHARED if value.startswith(prefix)), "")
    return f"{shared}…" if shared else value.partition("?")[0]


def keep_queries_out() -> None:
    """Out of what the server itself says, WebSockets among it. Its line for each request is ours to write."""
    logging.getLogger("uvicorn.error").addFilter(WithoutQueries())
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


class AccessLog:
    """A line for each answer, as uvicorn writes them; a quarter of a second's lines at once, as a record and a write for each took longer than reading a request."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._lines: list[str] = []
        atexit.register(self._write)

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"])
            await send(message)

        await self.app(scope, receive, noted)

    def _note(self, scope: Message, status: int) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(GATHERED_SECONDS, self._write)
        self._lines.append(line(scope, status))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        sys.stdout.write("".join(lines))
        sys.stdout.flush()


def line(scope: Message, status: int) -> str:
    """Without what the request asked for behind its question mark."""
    client = "{}:{}".format(*scope["client"]) if scope.get("client") else ""
    path = _cut(quote(scope["path"]))
    phrase = PHRASES.get(status, "")
    return f'INFO:     {client} - "{scope["method"]} {path} HTTP/{scope["http_version"]}" {status} {phrase}\n'

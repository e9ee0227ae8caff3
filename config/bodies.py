"""How much a request may carry, decided before any of it is kept: Django writes a whole body to disk before it looks at it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.conf import settings

from agents.pictures.limits import MOST, MOST_BYTES
from tenants.api.problems import MEDIA_TYPE, body

Message = dict[str, Any]
App = Callable[[Message, Any, Any], Awaitable[Any]]
PLAIN = 4 * 1024 * 1024  # above what Django itself refuses in a form or in JSON, with its own sentence
ENVELOPE = 64 * 1024
FILES_OF_A_PAGE = 20
PICTURES = MOST * MOST_BYTES + ENVELOPE
STARTS_A_RUN = re.compile(r"/w/[^/]+/(api/v1/runs|crews/[0-9a-f-]{36})/$|^/(api/v1/runs|crews/[0-9a-f-]{36})/$")
DETAIL = "This is more than a request to this address may carry. Send less at a time."


def most_bytes(path: str) -> int:
    """Bytes that a request to `path` may carry; files go to documents, from a page several at once, and pictures to runs."""
    if STARTS_A_RUN.search(path):
        return PICTURES + PLAIN
    if not path.endswith("/documents/"):
        return PLAIN
    files = 1 if "/api/" in path else FILES_OF_A_PAGE
    return files * (int(settings.UPLOAD_MOST_BYTES) + ENVELOPE)


class LimitedBodies:
    """Answers 413 by what a request says of its length, and stops reading one that says nothing or lies."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        most = most_bytes(scope["path"])
        if _declared(scope) > most:
            await _refuse(send)
            return
        seen, answered = 0, False

        async def counted() -> Message:
            nonlocal seen
            message: Message = await receive()
            seen += len(message.get("body", b""))
            return message if seen <= most else {"type": "http.disconnect"}

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self.app(scope, counted, noted)
        if seen > most and not answered:
            await _refuse(send)


def _declared(scope: Message) -> int:
    length: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else 0


async def _refuse(send: Any) -> None:
    content = orjson.dumps(body(413, "too_large", "Too large", DETAIL))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": content})

"""Server-sent events that hold JSON objects, as hosted models stream them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import orjson

END = b"[DONE]"
_BESIDE = (b":", b"event:", b"id:", b"retry:")


async def objects(body: AsyncIterable[bytes]) -> AsyncIterator[dict[str, Any]]:
    """The object of each event, up to the end mark or the end of the body.

    Raises ValueError where an event is not a JSON object, or where the body is no stream of events at all.
    """
    lines = _Lines()
    async for part in body:
        for line in lines.in_part(part):
            if (content := _content(line)) == END:
                return
            if content:
                yield _object(content)
    for line in lines.rest():
        if (content := _content(line)) and content != END:
            yield _object(content)


class _Lines:
    """Cuts a body into lines, whose ends may be any of the three that the standard allows."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def in_part(self, part: bytes) -> list[bytes]:
        """The lines that end in it."""
        self._begun.append(part)
        if b"\n" not in part and b"\r" not in part:
            return []
        whole = b"".join(self._begun)
        lines = whole.splitlines(keepends=True)
        self._begun = [] if whole.endswith(b"\n") else [lines.pop()]  # after a carriage return a line feed may come
        return lines

    def rest(self) -> list[bytes]:
        return b"".join(self._begun).splitlines()


def _content(line: bytes) -> bytes:
    """What the line says of an event; nothing where it says something else, or nothing."""
    line = line.rstrip(b"\r\n")
    if not line or line.startswith(_BESIDE):
        return b""
    if not line.startswith(b"data:"):
        raise ValueError("not an event")
    return line[5:].strip() or b"null"


def _object(content: bytes) -> dict[str, Any]:
    decoded = _decoded(content)
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a fault of the sender, as the others here
    return decoded


def _decoded(content: bytes) -> Any:
    """What the quick parser turns down, half a pair of surrogates for instance, the other may take."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content.decode("utf-8", "replace"))

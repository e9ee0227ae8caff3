"""Server-sent events, however their bytes are cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.llm.sse import objects

STREAM = (
    'data: {"a": "é\u2028x"}\n\n: a remark\nevent: chunk\r\ndata:{"b": [1, 2]}\r\rdata: {"c": null}\n\ndata: [DONE]\n\n'
)
HEARD = [{"a": "é\u2028x"}, {"b": [1, 2]}, {"c": None}]


async def heard(*parts: bytes) -> list[dict[str, Any]]:
    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return [each async for each in objects(body())]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_cut_anywhere(size: int) -> None:
    content = STREAM.encode()
    assert await heard(*(content[at : at + size] for at in range(0, len(content), size))) == HEARD


async def test_what_comes_after_the_end_mark_is_not_read() -> None:
    assert await heard(b"data: [DONE]\n\ndata: {}\n\n") == []


async def test_a_body_that_ends_without_a_line_end() -> None:
    assert await heard(b'data: {"a"', b": 1}") == [{"a": 1}]
    assert await heard(b'data: {"a": 1}\n\n', b"data: [DONE]") == [{"a": 1}]


async def test_half_a_pair_of_surrogates_is_passed_on() -> None:
    assert await heard(b'data: {"a": "\\ud83d"}\n') == [{"a": "\ud83d"}]


async def test_bytes_that_are_no_text_are_replaced() -> None:
    assert await heard(b'data: {"a": "\xff"}\n') == [{"a": "�"}]


@pytest.mark.parametrize("content", [b"data: [1]\n", b"data: {\n", b"data:\n", b"<html>\n", b'{"a": 1}'])
async def test_what_is_no_such_event_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which sentence is the provider's matter
        await heard(content)

"""Reading JSON that a stranger sent: what cannot be stored or shown again is refused here, once for every door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

LARGEST_NUMBER = 2**63 - 1  # of PostgreSQL's bigint


class StrictJSONParser(JSONParser):
    """UTF-8 JSON. No NaN, no lone surrogates, no NUL characters, no numbers beyond 64 bits, no bottomless nesting."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise RequestDataTooBig
        return read_json(raw)


def read_json(raw: bytes | str) -> Any:
    """What a person wrote as JSON, in a body or in a field of one. Raises ParseError where it is none, or could not be stored."""
    try:
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise ParseError(f"This is not JSON: {error}.") from None
    for leaf in _leaves(value):
        _check(leaf)
    return value


def _leaves(value: Any) -> Iterator[Any]:
    """Every key and every value that holds no others; without recursion, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
        else:
            yield found


def _check(leaf: Any) -> None:
    if isinstance(leaf, str) and "\x00" in leaf:
        raise ParseError("A text in it holds a NUL character, which cannot be stored.")
    if isinstance(leaf, int | float) and abs(leaf) > LARGEST_NUMBER:
        raise ParseError("A number in it is too large.")

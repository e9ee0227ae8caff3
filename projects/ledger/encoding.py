"""Rows as one JSON text, which PostgreSQL takes apart: one parameter per statement, however many rows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import orjson

_NUL = b"\\u0000"


def encoded(value: Any) -> str:
    """JSON that PostgreSQL accepts: what it cannot hold (NUL, half a surrogate pair) becomes a replacement character."""
    try:
        found = orjson.dumps(value, default=str)
    except TypeError:
        return json.dumps(_clean(value), default=str, allow_nan=False)
    return json.dumps(_clean(value), default=str, allow_nan=False) if _NUL in found else found.decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {_clean(str(name)): _clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

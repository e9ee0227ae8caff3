"""What was asked of a model, as a text that a person can compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

SETTINGS = ("model", "temperature", "max_tokens", "stop", "response_schema")


def worded(request: Mapping[str, Any]) -> str:
    """The settings that are not empty, the tools, then each message under the name of its role."""
    return "\n".join(_lines(request))


def _lines(request: Mapping[str, Any]) -> Iterator[str]:
    for name in SETTINGS:
        if request.get(name) not in (None, "", [], {}):
            yield f"{name}: {_shown(request[name])}"
    for tool in request.get("tools") or ():
        yield f"tool: {tool.get('name')} {_shown(tool.get('parameters'))}"
    for message in request.get("messages") or ():
        yield f"[{message.get('role')}]"
        if content := message.get("content"):
            yield str(content)
        for call in message.get("tool_calls") or ():
            yield f"→ {call.get('name')} {_shown(call.get('arguments'))}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

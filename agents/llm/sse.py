"""Server-sent events that hold JSON objects, as hosted models stream them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

END = "[DONE]"


async def objects(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """The object of each event, up to the end mark or the end of the body.

    Raises ValueError where an event is not a JSON object, or where the body is no stream of events at all.
    """
    async for line in lines:
        if not line or line[0] == ":" or line.startswith(("event:", "id:", "retry:")):
            continue
        if not line.startswith("data:"):
            raise ValueError("not an event")
        content = line[5:].strip()
        if content == END:
            return
        decoded = json.loads(content)
        if not isinstance(decoded, dict):
            raise ValueError("not an object")  # noqa: TRY004 - a fault of the sender, as the others here
        yield decoded

"""An answer as bytes and back: what the model said and nothing of how it was reached, so that no key and no address is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.llm.types import Cached, Reply, ToolCall, Usage

FORM = 1
WHOLE = frozenset({"stop", "tool_calls"})  # a cut or a filtered answer is not kept


def pack(reply: Reply) -> bytes:
    content = {
        "form": FORM,
        "text": reply.text,
        "provider": reply.provider,
        "model": reply.model,
        "finish": reply.finish_reason,
        "usage": [reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens],
        "calls": [[call.id, call.name, dict(call.arguments)] for call in reply.tool_calls],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def unpack(content: bytes, *, cached: Cached) -> Reply | None:
    """The answer; None for what an older version kept in another form, or for anything else that is none: others may write to Redis, too."""
    try:
        found: dict[str, Any] = json.loads(content.decode("utf-8", "surrogatepass"))
        if found["form"] != FORM:
            return None
        reply = Reply(
            text=found["text"],
            provider=found["provider"],
            model=found["model"],
            usage=Usage(*found["usage"]),
            tool_calls=tuple(ToolCall(*call) for call in found["calls"]),
            finish_reason=found["finish"],
            cached=cached,
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return reply if _is_one(reply) else None


def _is_one(reply: Reply) -> bool:
    """Whether every part is of its kind."""
    texts = [
        reply.text,
        reply.provider,
        reply.model,
        *(text for call in reply.tool_calls for text in (call.id, call.name)),
    ]
    counts = (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens)
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(count, int) for count in counts)
        and all(isinstance(call.arguments, Mapping) for call in reply.tool_calls)
        and reply.finish_reason in WHOLE
    )

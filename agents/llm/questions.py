"""Which calls ask the same thing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from agents.llm.guards import CacheKey
from agents.llm.types import Message, Request, Target


def may_be_remembered(request: Request) -> bool:
    """Whether an earlier answer will do: asked without chance or so marked, and with no tool at hand that acts."""
    return (request.cacheable or request.temperature == 0) and not any(tool.acts for tool in request.tools)


def digest(request: Request) -> str:
    """SHA-256 of everything that decides an answer but who gives it: the same for equal requests in every process."""
    return _sha256(
        {
            "messages": [_message(message) for message in request.messages],
            "model": request.model,
            "tools": [[tool.name, tool.description, dict(tool.parameters)] for tool in request.tools],
            "schema": request.response_schema,
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "stop": list(request.stop),
            "prompt_version": request.prompt_version,
        }
    )


def cache_key(request: Request, target: Target, *, tenant: str) -> CacheKey:
    """The key of an answer that `target` gives to `tenant`; another credential for the same model has its own answers."""
    who = [tenant, target.tenant, target.provider, target.base_url, target.model, target.credential]
    return CacheKey(
        tenant=tenant,
        model=f"{target.provider}/{target.model}",
        prompt_version=request.prompt_version,
        digest=_sha256([*who, digest(request)]),
    )


def _message(message: Message) -> list[Any]:
    calls = [[call.id, call.name, dict(call.arguments)] for call in message.tool_calls]
    images = [[image.media_type, image.digest] for image in message.images]
    return [message.role, message.content, calls, message.tool_call_id, images]


def _sha256(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

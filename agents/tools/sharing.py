"""The tools by which the agents of a run share values: one place, seen by all, with the name of who wrote last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.protocol.context import SharedContext
from agents.protocol.errors import ProtocolError
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.registry import Limits, Run, Tool, arguments_of
from agents.tools.talk import PUT, get, listed, name_of, put

KEY = {"type": "string", "minLength": 1, "maxLength": 100, "description": "As in findings or sources/2."}


def _shared(context: ToolContext) -> SharedContext:
    if context.talk is None:
        raise ToolFailed("The agents of this run share nothing.")
    return context.talk.shared


def _get(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], _user: User) -> str:
        try:
            return await get(_shared(context), arguments["key"])
        except ProtocolError as refusal:
            raise ToolFailed(refusal.detail) from refusal

    return run


def _put(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        try:
            return await put(_shared(context), name_of(user.agent), arguments)
        except ProtocolError as refusal:
            raise ToolFailed(refusal.detail) from refusal

    return run


def _list(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], _user: User) -> str:
        try:
            return await listed(_shared(context), arguments.get("prefix", ""))
        except ProtocolError as refusal:
            raise ToolFailed(refusal.detail) from refusal

    return run


TOOLS = (
    Tool(
        title="Read a shared value",
        summary="Reads one value that the agents of the run share.",
        permissions=("context:read",),
        spec=ToolSpec(
            "get_shared",
            "Read a value that the agents of this run share.",
            arguments_of(["key"], key=KEY),
            acts=False,
            brings_in=True,
        ),
        make=_get,
        effect="read",
        limits=Limits(calls=200),
    ),
    Tool(
        title="Share a value",
        summary="Stores a value that every agent of the run can read.",
        permissions=("context:write",),
        spec=ToolSpec(
            PUT,
            "Store a value that every agent of this run can read. With version it is stored only if nobody wrote since you read that version.",
            arguments_of(
                ["key", "value"],
                key=KEY,
                value={"description": "Text, a number, a list or an object."},
                version={
                    "type": "integer",
                    "minimum": 0,
                    "description": "As get_shared told it; 0 for a key that must not exist yet.",
                },
            ),
        ),
        make=_put,
        effect="write",
        idempotent=True,
        limits=Limits(calls=200),
    ),
    Tool(
        title="List shared values",
        summary="Lists the keys of what the agents of the run share.",
        permissions=("context:read",),
        spec=ToolSpec(
            "list_shared",
            "List the keys that the agents of this run share, with who wrote each last.",
            arguments_of([], prefix={"type": "string", "maxLength": 100}),
            acts=False,
            brings_in=True,
        ),
        make=_list,
        effect="read",
        limits=Limits(calls=200),
    ),
)

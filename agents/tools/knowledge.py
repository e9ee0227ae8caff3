"""`search_knowledge` as a tool of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from agents.knowledge import tool as knowledge
from agents.runtimes.outcome import User
from agents.tools.context import ToolContext
from agents.tools.registry import Run, Tool


def _make(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        allowed = context.collections.get(user.agent)
        ids = None if allowed is None else [UUID(each) for each in allowed]
        answer, told = await context.in_thread(_search, arguments, ids)
        for kind, data in told:  # the story is told on the run's own loop
            context.emit(kind, task=user.task, agent=user.agent, **data)
        return answer

    return run


def _search(arguments: Mapping[str, Any], ids: list[UUID] | None) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    told: list[tuple[str, dict[str, Any]]] = []

    def emit(kind: str, **data: Any) -> None:
        told.append((kind, data))

    return knowledge.search_knowledge(arguments, collection_ids=ids, emit=emit), told


TOOL = Tool(
    title="Search the documents",
    summary="Finds passages in the workspace's documents and gives each with its citation.",
    permissions=("knowledge:read",),
    spec=knowledge.SPEC,
    make=_make,
    effect="read",
)

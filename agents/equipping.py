"""The tools that a run lends to its agents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from agents.knowledge.tool import NAME as SEARCH
from agents.knowledge.tool import search_knowledge
from agents.runtimes.outcome import ToolImpl, User
from agents.runtimes.spec import CrewSpec
from agents.toolbox import TOOLS, Tool
from agents.using import ToolRecord
from projects.ledger import Ledger
from projects.work.threads import in_workspace

Collections = Mapping[str, list[str] | None]


def tools_of(spec: CrewSpec, ledger: Ledger, collections: Collections) -> dict[str, ToolImpl]:
    """The tools that the crew uses, by name, each kept in the run's record. `collections`: which of them an agent may search."""
    used = {name for agent in spec.agents for name in agent.tools} | {name for t in spec.tasks for name in t.tools}
    record = ToolRecord(ledger)
    made = {name: ToolImpl(tool.spec, partial(_run, tool)) for name, tool in TOOLS.items() if name in used}
    if SEARCH in made:
        made[SEARCH] = ToolImpl(TOOLS[SEARCH].spec, partial(_search, ledger, collections))
    return {name: record.keep(impl, touches="none") for name, impl in made.items()}


async def _run(tool: Tool, arguments: Mapping[str, Any], user: User) -> str:
    assert tool.run is not None, "tools that need the run are brought by tools_of"  # noqa: S101 - for the type checker
    return tool.run(arguments)


async def _search(ledger: Ledger, collections: Collections, arguments: Mapping[str, Any], user: User) -> str:
    allowed = collections.get(user.agent)
    ids = None if allowed is None else [UUID(each) for each in allowed]
    emit = partial(ledger.emit, task=user.task, agent=user.agent)
    return await in_workspace(ledger.schema, search_knowledge, arguments, collection_ids=ids, emit=emit)

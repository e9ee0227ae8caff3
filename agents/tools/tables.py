"""The tools `query_csv` and `query_json`: exact answers from data, without a line of code run for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.files import FileRefused
from agents.tools.queries import bytes_of_document
from agents.tools.querying import QueryFailed, ask
from agents.tools.registry import Limits, Run, Tool, arguments_of

SOURCES = {
    "document": {"type": "string", "maxLength": 200, "description": "The name of a document of the workspace."},
    "file": {"type": "string", "maxLength": 100, "description": "Or the name of a file of this run."},
}


def _asking(kind: str, context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        data = await _data(arguments, user, context)
        try:
            return await ask(kind, arguments["query"], data)
        except QueryFailed as failure:
            raise ToolFailed(str(failure)) from failure

    return run


async def _data(arguments: Mapping[str, Any], user: User, context: ToolContext) -> bytes:
    document, file = arguments.get("document"), arguments.get("file")
    if bool(document) == bool(file):
        raise ToolFailed("Name either a document of the workspace or a file of this run.")
    if document:
        return await context.in_thread(bytes_of_document, document, context.collections.get(user.agent))
    try:
        return await context.in_thread(context.files.read, str(file))
    except FileRefused as refusal:
        raise ToolFailed(str(refusal)) from refusal


def _query_csv(context: ToolContext) -> Run:
    return _asking("csv", context)


def _query_json(context: ToolContext) -> Run:
    return _asking("json", context)


QUERY_CSV = Tool(
    title="Query a table",
    summary="Answers an SQL query over a CSV document of the workspace or a file of the run; it changes nothing.",
    permissions=("knowledge:read", "files:read"),
    spec=ToolSpec(
        "query_csv",
        "Ask a CSV table a question in SQL (SQLite), one SELECT. The table is called data; its columns are those of the file's first line, "
        'in double quotes where they have spaces: SELECT region, SUM("net sales") FROM data GROUP BY region.',
        arguments_of(["query"], query={"type": "string", "minLength": 1, "maxLength": 20_000}, **SOURCES),
        acts=False,
        brings_in=True,
    ),
    make=_query_csv,
    effect="read",
    limits=Limits(calls=60, seconds=25, characters=20_000),
)
QUERY_JSON = Tool(
    title="Query JSON",
    summary="Answers a JMESPath query over a JSON document of the workspace or a file of the run; it changes nothing.",
    permissions=("knowledge:read", "files:read"),
    spec=ToolSpec(
        "query_json",
        "Ask a JSON document a question in JMESPath, as in items[?price > `10`].name or length(items).",
        arguments_of(["query"], query={"type": "string", "minLength": 1, "maxLength": 5_000}, **SOURCES),
        acts=False,
        brings_in=True,
    ),
    make=_query_json,
    effect="read",
    limits=Limits(calls=60, seconds=25, characters=20_000),
)

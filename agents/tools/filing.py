"""The tools `list_files`, `read_file` and `write_file`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.files import MOST_BYTES, FileRefused
from agents.tools.registry import Limits, Run, Tool, arguments_of

LONGEST = 200_000
NAME = {"type": "string", "minLength": 1, "maxLength": 100, "description": "Without folders, as in summary.csv."}


def _list(context: ToolContext) -> Run:
    async def run(_arguments: Mapping[str, Any], _user: User) -> str:
        found = await context.in_thread(context.files.list)
        return "\n".join(f"{each.name} ({each.size:,} bytes)" for each in found) or "This run has no files yet."

    return run


def _read(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], _user: User) -> str:
        try:
            data = await context.in_thread(context.files.read, arguments["name"])
            return data.decode()
        except FileRefused as refusal:
            raise ToolFailed(str(refusal)) from refusal
        except UnicodeDecodeError:
            raise ToolFailed(f"“{arguments['name']}” is not text.") from None

    return run


def _write(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        name, content = arguments["name"], _encoded(arguments["content"])
        try:
            await context.in_thread(context.files.write, name, content)
        except FileRefused as refusal:
            raise ToolFailed(str(refusal)) from refusal
        context.emit("file.written", task=user.task, agent=user.agent, name=name, size=len(content))
        return f"{name} is written: {len(content):,} bytes."

    return run


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ToolFailed("The content holds half of a character. Write it again without.") from None


LIST = Tool(
    title="List the run's files",
    summary="Lists what has been written in this run.",
    permissions=("files:read",),
    spec=ToolSpec(
        "list_files", "List the files that were written in this run.", arguments_of([]), acts=False, brings_in=True
    ),
    make=_list,
    effect="read",
)
READ = Tool(
    title="Read a file of the run",
    summary="Reads a text file that was written in this run.",
    permissions=("files:read",),
    spec=ToolSpec(
        "read_file",
        "Read a text file that was written in this run.",
        arguments_of(["name"], name=NAME),
        acts=False,
        brings_in=True,
    ),
    make=_read,
    effect="read",
    limits=Limits(characters=50_000),
)
WRITE = Tool(
    title="Write a file",
    summary=f"Writes a text file that people can download from the run, {MOST_BYTES // 1024**2} MB in all.",
    permissions=("files:write",),
    spec=ToolSpec(
        "write_file",
        "Write a text file that the people who read this run can download. A file of the same name is replaced.",
        arguments_of(["name", "content"], name=NAME, content={"type": "string", "maxLength": LONGEST}),
    ),
    make=_write,
    effect="write",
    idempotent=True,
)

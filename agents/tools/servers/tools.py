"""The tools of a workspace's servers, as tools of this house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.registry import Limits, Run, Tool
from agents.tools.servers.address import ServerFailed
from agents.tools.servers.offers import function_name

SECONDS = 30.0
MOST_BYTES = 2_000_000


def name_of(server: str, tool: str) -> str:
    """What agents are given: `mcp:<server>/<tool>`."""
    return f"mcp:{server}/{tool}"


def called(name: str) -> str:
    """What models know the tool `name` as."""
    server, _, tool = name.removeprefix("mcp:").partition("/")
    return function_name(server, tool) if name.startswith("mcp:") else name


def as_tool(server: str, offered: Mapping[str, Any]) -> Tool:
    """One row of what a server offers. Its description was written outside and is shown as such."""
    return Tool(
        title=f"{offered['name']} of {server}",
        summary=f"{server} says: {offered['description'][:300] or 'nothing about it.'}",
        permissions=(f"mcp:{server}",),
        spec=ToolSpec(
            function_name(server, offered["name"]),
            offered["description"] or f"{offered['name']} of {server}.",
            offered["parameters"],
            acts=not offered["reads_only"],
            brings_in=True,
            sends_out=not offered["reads_only"],
        ),
        make=_maker(server, offered["name"]),
        effect="read" if offered["reads_only"] else "write",
        limits=Limits(calls=60, seconds=SECONDS + 5, characters=30_000),
    )


def _maker(server: str, tool: str) -> Any:
    def make(context: ToolContext) -> Run:
        async def run(arguments: Mapping[str, Any], user: User) -> str:
            from agents.tools.servers.client import use  # noqa: PLC0415 - the library takes half a second to import

            place = context.workplace.servers.get(server)
            if place is None:
                raise ToolFailed(f"The server {server} is switched off in this workspace.")
            if place.problem:
                raise ToolFailed(place.problem)
            policy = context.egress.but(seconds=SECONDS, most_bytes=MOST_BYTES)
            try:
                answer = await use(place.address, tool, arguments, policy)
            except ServerFailed as failure:
                raise ToolFailed(str(failure)) from failure
            context.emit("mcp.used", task=user.task, agent=user.agent, server=server, tool=tool)
            return answer

        return run

    return make

"""The tools of the current workspace: the house's own, and those of its MCP servers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.conf import settings

from agents.tools.house import TOOLS
from agents.tools.models import AllowedHost, McpServer
from agents.tools.registry import Tool
from agents.tools.servers.address import Address
from agents.tools.servers.tools import as_tool, name_of
from agents.tools.web import HTTP_REQUEST
from agents.tools.workplace import Host, Server, Workplace
from tenants.sealing import Unsealable, place_of, unseal


def available_tools() -> Mapping[str, Tool]:
    """Every tool that an agent of the current workspace may be given, by name."""
    return {**TOOLS, **_tools_of(McpServer.objects.filter(is_on=True))}


def read_workplace(used: Collection[str]) -> Workplace:
    """What the tools `used` by one run need to know of the current workspace, with its secrets opened."""
    servers = list(McpServer.objects.filter(is_on=True))
    return Workplace(
        hosts=tuple(_host(row) for row in AllowedHost.objects.all()) if HTTP_REQUEST.spec.name in used else (),
        servers={row.name: server_of(row) for row in servers},
        tools={**TOOLS, **_tools_of(servers)},
    )


def plain_workplace(used: Collection[str]) -> Workplace | None:
    """The same without a query, for a run that needs nothing of its workspace."""
    reads = HTTP_REQUEST.spec.name in used or any(name not in TOOLS for name in used)
    return None if reads else Workplace(tools=TOOLS)


def _tools_of(servers: Iterable[McpServer]) -> dict[str, Tool]:
    return {name_of(row.name, each["name"]): as_tool(row.name, each) for row in servers for each in row.tools}


def server_of(row: McpServer) -> Server:
    secret, problem = _opened(row)
    if row.command:
        command = tuple(settings.MCP_STDIO.get(row.command, ()))
        gone = "" if command else f"The operator no longer offers the command {row.command}."
        return Server(Address(row.name, command=command), gone)
    return Server(Address(row.name, row.url, {row.header: secret} if secret else {}), problem)


def _host(row: AllowedHost) -> Host:
    secret, problem = _opened(row)
    return Host(row.host, tuple(row.methods), row.header, secret, problem)


def _opened(row: AllowedHost | McpServer) -> tuple[str, str]:
    """The secret, or why there is none; what cannot be opened is said when it is needed, and hides nothing else."""
    if not row.sealed_secret:
        return "", ""
    try:
        return unseal(row.sealed_secret, place=place_of(row._meta.db_table, row.pk, "sealed_secret")), ""
    except Unsealable as error:
        return "", f"The credential of {row} cannot be used: {error}"

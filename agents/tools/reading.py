"""The tools of the current workspace: the house's own, those of its MCP servers, and those that were configured here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from django.conf import settings

from agents.tools.house import TOOLS
from agents.tools.models import AllowedHost, ConfiguredTool, McpServer
from agents.tools.presets import Preset
from agents.tools.presets import as_tool as as_configured
from agents.tools.registry import Tool
from agents.tools.servers.address import Address
from agents.tools.servers.tools import as_tool, name_of
from agents.tools.web import HTTP_REQUEST
from agents.tools.workplace import Host, Server, Workplace
from tenants.sealing import Unsealable, place_of, unseal


def available_tools() -> Mapping[str, Tool]:
    """Every tool that an agent of the current workspace may be given, by name."""
    return _with_configured(base_tools())


class ToolNames:
    """The names of all available tools; it asks the database only about one that is not the house's own."""

    def __contains__(self, name: object) -> bool:
        return name in TOOLS or name in self._of_workspace

    @cached_property
    def _of_workspace(self) -> Mapping[str, Tool]:
        return available_tools()


def base_tools() -> dict[str, Tool]:
    """Those that a tool of one's own can be made of."""
    return {**TOOLS, **_tools_of(McpServer.objects.filter(is_on=True))}


def read_workplace(used: Collection[str]) -> Workplace:
    """What the tools `used` by one run need to know of the current workspace, with its secrets opened."""
    servers = list(McpServer.objects.filter(is_on=True))
    used = bases_of(used)
    return Workplace(
        hosts=tuple(_host(row) for row in AllowedHost.objects.all()) if HTTP_REQUEST.spec.name in used else (),
        servers={row.name: server_of(row) for row in servers},
        tools=_with_configured({**TOOLS, **_tools_of(servers)}),
    )


def plain_workplace(used: Collection[str]) -> Workplace | None:
    """The same without a query, for a run that needs nothing of its workspace."""
    reads = HTTP_REQUEST.spec.name in used or any(name not in TOOLS for name in used)
    return None if reads else Workplace(tools=TOOLS)


def _tools_of(servers: Iterable[McpServer]) -> dict[str, Tool]:
    return {name_of(row.name, each["name"]): as_tool(row.name, each) for row in servers for each in row.tools}


def bases_of(names: Iterable[str]) -> list[str]:
    """The names of tools, with those that do the work of the configured ones among them."""
    given = list(dict.fromkeys(names))
    behind = ConfiguredTool.objects.filter(name__in=[name for name in given if name not in TOOLS])
    return list(dict.fromkeys([*given, *behind.values_list("tool", flat=True)]))


def configured_tools() -> Mapping[str, Tool]:
    """Those that were configured here or came from the market, by name."""
    known = base_tools()
    return {name: tool for name, tool in _with_configured(known).items() if name not in known}


def _with_configured(known: dict[str, Tool]) -> dict[str, Tool]:
    """With the configured ones after those that they are made of; one whose tool is gone is gone too."""
    rows = [row for row in ConfiguredTool.objects.all() if row.tool in known and row.name not in known]
    return known | {row.name: as_configured(preset_of(row), known[row.tool]) for row in rows}


def preset_of(row: ConfiguredTool) -> Preset:
    grants = None if row.grants is None else frozenset(row.grants)
    return Preset(row.name, row.title, row.summary, row.settings, grants, row.bounds, row.manifest_digest)


def manifests_of(names: Iterable[str]) -> list[str]:
    """The digests that tools of one's own were copied from. No query where all are the house's or a server's."""
    own = [name for name in dict.fromkeys(names) if name not in TOOLS and not name.startswith("mcp:")]
    rows = ConfiguredTool.objects.filter(name__in=own).exclude(manifest_digest="") if own else ()
    return sorted({row.manifest_digest for row in rows})


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

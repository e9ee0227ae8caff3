"""What a workspace allows its tools, read once when a run begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.tools.registry import Tool
from agents.tools.servers.address import Address


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be asked; `secret` goes into the header `header`, and nobody shows it. `problem`: why it cannot be used now."""

    pattern: str
    methods: tuple[str, ...] = ("GET", "HEAD")
    header: str = ""
    secret: str = field(default="", repr=False)
    problem: str = ""

    def with_credential(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers with the secret among them; one of the same name, however it is written, is left out."""
        if not self.secret:
            return dict(headers)
        others = {name: value for name, value in headers.items() if name.lower() != self.header.lower()}
        return {**others, self.header: self.secret}


@dataclass(frozen=True, slots=True)
class Server:
    address: Address
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Allowed hosts; MCP servers by name; and every tool that agents here may be given, the house's own and those of the servers."""

    hosts: tuple[Host, ...] = ()
    servers: Mapping[str, Server] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)

"""What of the workspace's own can fill a credential slot: its providers, its hosts with a key, its servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.connections.models import Connection
from agents.tools.models import AllowedHost, McpServer

Kind = Literal["provider", "host", "server"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of this workspace that holds a credential; the credential itself is never read here."""

    kind: Kind
    id: str
    label: str


def choices_for(provider: str) -> tuple[Choice, ...]:
    """Those that fit a slot for `provider`: a provider of models by its name, a host or a server that is called after it."""
    connections = Connection.objects.filter(provider=provider, is_enabled=True)
    hosts = AllowedHost.objects.exclude(sealed_secret="")
    servers = McpServer.objects.filter(is_on=True)
    return (
        *(Choice("provider", str(row.pk), f"The provider “{row.name}”") for row in connections),
        *(Choice("host", str(row.pk), f"The key of {row.host}") for row in hosts if _about(row.host, provider)),
        *(Choice("server", str(row.pk), f"The server “{row.name}”") for row in servers if _about(row.name, provider)),
    )


def still_there(kind: str, row_id: str) -> bool:
    """Whether what was bound once can still be used."""
    match kind:
        case "provider":
            return Connection.objects.filter(pk=row_id, is_enabled=True).exists()
        case "host":
            return AllowedHost.objects.filter(pk=row_id).exclude(sealed_secret="").exists()
        case _:
            return McpServer.objects.filter(pk=row_id, is_on=True).exists()


def _about(name: str, provider: str) -> bool:
    return provider.replace("_", "-") in name.replace(".", "-").split("-") or provider == name

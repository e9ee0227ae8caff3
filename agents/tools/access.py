"""From an outside id to a row: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from agents.tools.models import AllowedHost, ConfiguredTool, McpServer
from tenants.access import Member, require_admin
from tenants.errors import NotFound


def get_host(member: Member, host_id: UUID) -> AllowedHost:
    require_admin(member)
    found = AllowedHost.objects.filter(pk=host_id).first()
    if found is None:
        raise NotFound("There is no such host here.")
    return found


def get_server(member: Member, server_id: UUID) -> McpServer:
    require_admin(member)
    found = McpServer.objects.filter(pk=server_id).first()
    if found is None:
        raise NotFound("There is no such server here.")
    return found


def get_configured(tool_id: UUID) -> ConfiguredTool:
    """Every member may see which tools there are."""
    found = ConfiguredTool.objects.filter(pk=tool_id).first()
    if found is None:
        raise NotFound("There is no such tool here.")
    return found

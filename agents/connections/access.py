"""From an id to a connection of this workspace."""

from __future__ import annotations

from uuid import UUID

from agents.connections.models import Connection
from tenants.access import Member, require_admin
from tenants.errors import NotFound


def get_connection(member: Member, connection_id: UUID) -> Connection:
    """Every member may see which providers there are."""
    found = Connection.objects.select_related("credential").filter(pk=connection_id).first()
    if found is None:
        raise NotFound("There is no such provider in this workspace.")
    return found


def get_connection_to_change(member: Member, connection_id: UUID) -> Connection:
    """Admins and owners only: whoever changes an address decides where prompts go."""
    require_admin(member)
    return get_connection(member, connection_id)

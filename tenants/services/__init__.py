"""What may be done with people and workspaces."""

from tenants.services.accounts import register, rename, set_active
from tenants.services.house import ensure_house_workspace
from tenants.services.invitations import (
    accept_invitation,
    find_invitation,
    invite,
    is_for,
    renew_invitation,
    revoke_invitation,
)
from tenants.services.keys import create_key, revoke_key
from tenants.services.members import add_member, change_role, remove_member
from tenants.services.schemas import ensure_template, migrate_everything
from tenants.services.workspaces import create_workspace, schema_for, set_suspended

__all__ = [
    "accept_invitation",
    "add_member",
    "change_role",
    "create_key",
    "create_workspace",
    "ensure_house_workspace",
    "ensure_template",
    "find_invitation",
    "invite",
    "is_for",
    "migrate_everything",
    "register",
    "remove_member",
    "rename",
    "renew_invitation",
    "revoke_invitation",
    "revoke_key",
    "schema_for",
    "set_active",
    "set_suspended",
]

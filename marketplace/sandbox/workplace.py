"""The workspace itself: nobody is a member, its address is reserved, and a stranger's view of it is 404 for everybody."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from tenants.access import Member, Role
from tenants.models import Tenant
from tenants.services import ensure_house_workspace

SLUG = "guildhall-sandbox"
NOBODY = UUID(int=0)


def ensure_sandbox() -> Tenant:
    """The sandbox, made when it is first needed (about 0.3 s)."""
    return ensure_house_workspace(name="Sandbox", slug=SLUG, runs_at_once=settings.SANDBOX_RUNS_AT_ONCE)


def attendant(sandbox: Tenant) -> Member:
    """Who works there: the platform, in nobody's name."""
    return Member(
        user_id=NOBODY,
        name="Guildhall",
        email="",
        tenant_id=sandbox.pk,
        workspace=sandbox.name,
        slug=sandbox.slug,
        schema=sandbox.schema_name,
        role=Role.OWNER,
        via="system",
    )

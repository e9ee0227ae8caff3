"""Publishing from the operator's command line, in the name of somebody who may."""

from __future__ import annotations

from pathlib import Path

from marketplace.models import ListingVersion
from marketplace.publishing import services
from marketplace.publishing.manifests import read_manifest
from tenants.access import Member, Role, get_member
from tenants.context import enter
from tenants.errors import NotFound
from tenants.models import Membership, Tenant


def publish_file(path: Path, *, workspace: str, visibility: str, email: str = "") -> ListingVersion:
    """Send a manifest in for a workspace. Raises OSError for the file, DomainError for what is refused."""
    manifest = read_manifest(path.read_bytes())
    tenant = Tenant.objects.filter(slug=workspace).first()
    if tenant is None:
        raise NotFound(f"There is no workspace {workspace}.")
    with enter(tenant.schema_name):
        return services.submit(manifest=manifest, visibility=visibility, by=_speaker(tenant, email))


def _speaker(tenant: Tenant, email: str) -> Member:
    speaking = Membership.objects.filter(tenant=tenant, user__is_active=True).select_related("user")
    if email:
        found = speaking.filter(user__email=email.strip().lower()).first()
    else:
        found = speaking.filter(role=Role.OWNER).order_by("created_at").first()
    if found is None:
        raise NotFound(f"{email or 'Nobody'} speaks for this workspace.")
    return get_member(found.user, tenant, via="system")

"""From a token to the run that it shows, and from an id to a link."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from projects.models import Link, Run, ShareLink
from projects.sharing.tokens import read_token
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.errors import NotFound
from tenants.models import Tenant

SEEN_EVERY = timedelta(minutes=1)
L = TypeVar("L", bound=Link)


def get_link(member: Member, run: Run, link_id: UUID) -> ShareLink:
    link = ShareLink.objects.filter(pk=link_id, run=run).first()
    if link is None:
        raise NotFound("There is no such link to this run.")
    return link


def get_workspace(text: str) -> Tenant:
    """The active workspace that a token names. A stranger learns nothing: every fault is the same 404."""
    token = read_token(text)
    if token is None:
        raise gone()
    with enter(PUBLIC):
        tenant: Tenant | None = Tenant.objects.filter(pk=token.tenant_id, status=Tenant.Status.ACTIVE).first()
    if tenant is None:
        raise gone()
    return tenant


def get_shared(text: str) -> ShareLink:
    """The link with its run, inside its workspace; ended and revoked links are gone."""
    return find_link(ShareLink.objects.select_related("run", "run__project"), text)


def find_link(links: QuerySet[L], text: str) -> L:
    """The one of these links that a token leads to, noted as seen; ended and revoked ones are gone."""
    token = read_token(text)
    now = timezone.now()
    link = links.filter(digest=token.digest, revoked_at=None, expires_at__gt=now).first() if token else None
    if link is None:
        raise gone()
    if link.last_seen_at is None or now - link.last_seen_at > SEEN_EVERY:
        links.filter(pk=link.pk).update(last_seen_at=now)
    return link


def gone() -> NotFound:
    return NotFound("This link leads nowhere: it has ended, was taken back, or never was.")

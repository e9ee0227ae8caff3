"""From an id to an installation of this workspace."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from marketplace.installs.models import Installation
from tenants.errors import NotFound


def installed() -> QuerySet[Installation]:
    """What is installed now, without the long columns."""
    return Installation.objects.filter(state=Installation.State.ACTIVE).defer("manifest", "lock")


def get_installation(installation_id: UUID) -> Installation:
    return _found(Installation.objects.prefetch_related("grants").filter(pk=installation_id).first())


def lock(installation_id: UUID) -> Installation:
    return _found(Installation.objects.select_for_update(of=("self",)).filter(pk=installation_id).first())


def _found(installation: Installation | None) -> Installation:
    if installation is None:
        raise NotFound("There is no such installation in this workspace.")
    return installation

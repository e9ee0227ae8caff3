"""From an id to what is installed in this workspace."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from marketplace.installs.models import Approval, Installation, Pin
from tenants.access import Member, Role
from tenants.errors import NotFound

LONG = ("manifest", "lock", "put_away")


def installed() -> QuerySet[Installation]:
    """What is installed now, without the long columns."""
    return Installation.objects.filter(state=Installation.State.ACTIVE).defer(*LONG)


def get_installation(installation_id: UUID) -> Installation:
    found = Installation.objects.prefetch_related("grants").defer("put_away").filter(pk=installation_id).first()
    return _found(found)


def lock(installation_id: UUID) -> Installation:
    return _found(Installation.objects.select_for_update(of=("self",)).filter(pk=installation_id).first())


def get_pin(installation: Installation, number: int) -> Pin:
    pin = installation.pins.filter(number=number).first()
    if pin is None:
        raise NotFound(f"{installation.title} was never pinned under the number {number}.")
    return pin


def approvals(by: Member) -> QuerySet[Approval]:
    """An admin sees every request, everybody else their own."""
    found = Approval.objects.all()
    return found if by.may(Role.ADMIN) else found.filter(asked_by_id=by.user_id)


def get_approval(by: Member, approval_id: UUID) -> Approval:
    return _request(approvals(by).filter(pk=approval_id).first())


def lock_approval(approval_id: UUID) -> Approval:
    return _request(Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id).first())


def _found(installation: Installation | None) -> Installation:
    if installation is None:
        raise NotFound("There is no such installation in this workspace.")
    return installation


def _request(approval: Approval | None) -> Approval:
    if approval is None:
        raise NotFound("There is no such request in this workspace.")
    return approval

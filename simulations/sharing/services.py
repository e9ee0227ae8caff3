"""What a person may do with links to plays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from projects.sharing.services import DAYS, MOST_DAYS, MOST_LINKS
from projects.sharing.tokens import new_token
from simulations import access
from simulations.models import Simulation, SimulationLink
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid


@dataclass(frozen=True, slots=True)
class FreshLink:
    """A new link: `token` is to be shown now and never again."""

    row: SimulationLink
    token: str


@transaction.atomic
def share_simulation(*, simulation: Simulation, by: Member, days: int = DAYS) -> FreshLink:
    """Make a link with which anybody may look at this play, for 1 to 365 days."""
    require_builder(by)
    if not 1 <= days <= MOST_DAYS:
        detail = f"A link works for 1 to {MOST_DAYS} days."
        raise Invalid(detail, errors=[FieldError("days", "range", detail)])
    simulation = access.lock(simulation.pk)
    now = timezone.now()
    if simulation.links.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_LINKS:
        raise Conflict(f"This simulation has {MOST_LINKS} links; take one back first.", code="too_many")
    token = new_token(by.tenant_id)
    link = SimulationLink.objects.create(
        simulation=simulation,
        digest=token.digest,
        expires_at=now + timedelta(days=days),
        made_by_id=by.user_id,
        made_by=by.name or by.email,
    )
    audit.record("simulation.shared", simulation, by=by, link=str(link.pk), days=days)
    return FreshLink(link, token.text)


@transaction.atomic
def revoke_link(*, link: SimulationLink, by: Member) -> None:
    """Take a link back at once. One that has ended already stays as it is."""
    require_builder(by)
    changed = {"revoked_at": timezone.now(), "revoked_by": by.name or by.email}
    if SimulationLink.objects.filter(pk=link.pk, revoked_at=None).update(**changed):
        audit.record("simulation.unshared", link.simulation, by=by, link=str(link.pk))

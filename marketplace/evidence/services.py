"""What a workspace decides about its part in the figures."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from marketplace.evidence import folding
from marketplace.evidence.models import Withheld
from tenants import audit
from tenants.access import Member, require_admin
from tenants.context import PUBLIC, enter


@transaction.atomic
def contribute(*, wanted: bool, by: Member) -> None:
    """From here on its runs count in figures, or they do not: days are summed anew, what is shown follows when it is next renewed.

    Shown figures are not renewed at once: the difference would be this workspace's runs.
    """
    require_admin(by)
    if wanted:
        changed = Withheld.objects.filter(tenant_id=by.tenant_id).delete()[0] > 0
    else:
        changed = Withheld.objects.get_or_create(tenant_id=by.tenant_id, defaults={"by_id": by.user_id})[1]
    if changed:
        audit.record("evidence.contributes" if wanted else "evidence.withheld", None, by=by)
        transaction.on_commit(partial(_fold_again, by))


def _fold_again(by: Member) -> None:
    with enter(PUBLIC):
        folding.fold_again(by.tenant_id)


def contributes(member: Member) -> bool:
    return not Withheld.objects.filter(tenant_id=member.tenant_id).exists()

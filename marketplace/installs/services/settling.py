"""What may come in, and what comes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from marketplace.installs import access
from marketplace.installs.models import Installation, InstallPolicy, UpdatePolicy
from marketplace.installs.offering import look_again
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.errors import WrongState


@transaction.atomic
def change_policy(*, changes: Mapping[str, Any], by: Member) -> InstallPolicy:
    """Say what may be installed here. It holds from the next installation and the next update on; what is there stays."""
    require_admin(by)
    InstallPolicy.objects.get_or_create(only=True)
    policy = InstallPolicy.objects.select_for_update().get(only=True)
    for name, value in changes.items():
        setattr(policy, name, sorted(set(value)) if isinstance(value, list) else value)
    policy.changed_by = by.name or by.email
    policy.save()
    audit.record("install_policy.changed", policy, by=by, **{name: getattr(policy, name) for name in changes})
    for installation_id in access.installed().exclude(offered_version_id=None).values_list("pk", flat=True):
        look_again(installation_id)
    return policy


@transaction.atomic
def set_update_policy(*, installation: Installation, policy: UpdatePolicy, by: Member) -> Installation:
    """Say which newer versions come by themselves; whoever says so answers for what comes."""
    require_builder(by)
    installation = access.lock(installation.pk)
    if not installation.is_active:
        raise WrongState(f"{installation.title} is removed.")
    installation.update_policy, installation.policy_by_id = policy, by.user_id
    installation.save(update_fields=["update_policy", "policy_by_id", "updated_at"])
    audit.record("listing.update_policy", installation, by=by, policy=str(policy))
    look_again(installation.pk)
    return installation

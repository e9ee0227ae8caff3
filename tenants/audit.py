"""The workspace's log of deeds. Call it inside the deed's own transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from tenants.access import Member
from tenants.workspace.models import LONGEST_ADDRESS, AuditEntry


def record(action: str, target: Model | None, *, by: Member, **detail: Any) -> AuditEntry:
    """Note that `by` did `action` (as in "crew.created") to `target`."""
    made = entry(action, target, by=by, **detail)
    made.save(force_insert=True)
    return made


def entry(action: str, target: Model | None, *, by: Member, **detail: Any) -> AuditEntry:
    """The same, not stored yet: for whoever stores it together with the deed."""
    return AuditEntry(
        action=action,
        target_type=(target._meta.model_name or "") if target else "",
        target_id=target.pk if target else None,
        target_name=str(target)[:200] if target else "",
        by_id=by.user_id,
        by_name=by.name or by.email,
        via=by.via,
        address=by.address[:LONGEST_ADDRESS],
        detail=detail,
    )


def record_own(action: str, target: Model | None, **detail: Any) -> AuditEntry:
    """Note what the platform did by itself, such as "budget.warning"."""
    return AuditEntry.objects.create(
        action=action,
        target_type=(target._meta.model_name or "") if target else "",
        target_id=target.pk if target else None,
        target_name=str(target)[:200] if target else "",
        by_name="Guildhall",
        via="system",
        detail=detail,
    )

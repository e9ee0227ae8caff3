"""Writing the log of activity. Call it inside the deed's own transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from marketplace.moderation.actors import Actor
from marketplace.moderation.models import ActivityLog


def record(
    action: str, thing: Model | None, *, by: Actor, decision_id: UUID | None = None, **detail: Any
) -> ActivityLog:
    """Note that `by` did `action`, as in "version.approved", to `thing`."""
    return record_of(
        action,
        kind=(thing._meta.model_name or "") if thing else "",
        pk=thing.pk if thing else None,
        name=str(thing) if thing else "",
        by=by,
        decision_id=decision_id,
        **detail,
    )


def record_of(
    action: str, *, kind: str, pk: UUID | None, name: str, by: Actor, decision_id: UUID | None = None, **detail: Any
) -> ActivityLog:
    """The same where only the id and the name of the thing are at hand."""
    return ActivityLog.objects.create(
        at=timezone.now(),
        action=action,
        actor_kind=by.kind,
        actor_id=by.user_id,
        actor_name=by.name[:254],
        tenant_id=by.tenant_id,
        target_type=kind,
        target_id=pk,
        target_name=name[:200],
        decision_id=decision_id,
        detail=detail,
    )

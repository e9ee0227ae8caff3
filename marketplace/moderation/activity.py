"""Writing the log of activity. Call it inside the deed's own transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from marketplace.moderation.actors import Actor
from marketplace.moderation.models import ActivityLog
from marketplace.moderation.targets import Target


def record(
    action: str, thing: Model | Target | None, *, by: Actor, decision_id: UUID | None = None, **detail: Any
) -> ActivityLog:
    """Note that `by` did `action`, as in "version.approved", to `thing`."""
    kind, pk, name = _named(thing)
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


def _named(thing: Model | Target | None) -> tuple[str, UUID | None, str]:
    if thing is None:
        return "", None, ""
    if isinstance(thing, Target):
        return thing.kind, thing.pk, thing.name
    kind = thing._meta.model_name or ""
    return {"listingversion": "version"}.get(kind, kind), thing.pk, str(thing)

"""Telling the open pages of a person that there is something new.

What carries live messages stands higher in the house, so it comes to us: `carry_by` is called once, from an app's ready().
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone

from tenants.models import Membership, Tenant

TOPIC = "notifications"


class Publish(Protocol):
    def __call__(self, topic: str, message: dict[str, Any], *, schema: str | None = None) -> None: ...


_carriers: list[Publish] = []


def carry_by(publish: Publish) -> Callable[[], None]:
    """From here on live messages are sent by `publish`; what comes back takes it away again."""
    _carriers.append(publish)
    return lambda: _carriers.remove(publish)


def ring(user_ids: Iterable[UUID], kind: str, tenant: Tenant | None) -> None:
    """Say to the pages of these people's workspaces that one of them has something new; of which person and kind, not what.

    A topic is heard by everybody in a workspace, so the words stay behind the person's own doors.
    """
    memberships = Membership.objects.filter(user_id__in=list(user_ids), tenant__status=Tenant.Status.ACTIVE)
    if tenant is not None:
        memberships = memberships.filter(tenant=tenant)
    for user_id, schema in memberships.values_list("user_id", "tenant__schema_name"):
        data = {"what": "notification.new", "recipient_id": str(user_id), "kind": kind}
        message = {"type": "notification", "seq": None, "timestamp": timezone.now().isoformat(), "data": data}
        for publish in _carriers:
            publish(TOPIC, message, schema=schema)

"""From an id to a row. Webhooks carry a workspace's news to other systems, so only admins see them."""

from __future__ import annotations

from uuid import UUID

from projects.webhooks.models import Delivery, Webhook
from tenants.access import Member, require_admin
from tenants.errors import NotFound


def get_webhook(member: Member, webhook_id: UUID) -> Webhook:
    require_admin(member)
    webhook = Webhook.objects.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


def get_delivery(member: Member, delivery_id: UUID) -> Delivery:
    require_admin(member)
    delivery = Delivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery

"""What admins may do with webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from projects.webhooks import announcing
from projects.webhooks.home import LEADS_HOME, leads_home
from projects.webhooks.models import EVENTS, TEST, Delivery, Webhook
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_admin
from tenants.egress import EgressRefused, operators_policy
from tenants.egress.urls import admit, parse
from tenants.errors import Conflict, FieldError, Invalid, WrongState

MOST = 20
BOTH_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FreshWebhook:
    """A webhook, and its secret, which is shown this once."""

    row: Webhook
    secret: str


@transaction.atomic
def create_webhook(*, name: str, url: str, events: Sequence[str], by: Member) -> FreshWebhook:
    """Send messages about `events` to `url` from now on."""
    require_admin(by)
    _check(url=url, events=events)
    if Webhook.objects.count() >= MOST:
        raise Conflict(f"A workspace has at most {MOST} webhooks; delete one that is not used.", code="too_many")
    secret = _new_secret()
    webhook = Webhook(name=name.strip(), url=url, events=_in_order(events), made_by=by.email)
    webhook.secret = secret
    webhook.save()
    audit.record("webhook.created", webhook, by=by, url=url)
    return FreshWebhook(webhook, secret)


@transaction.atomic
def update_webhook(*, webhook: Webhook, changes: Mapping[str, Any], by: Member) -> Webhook:
    """Change name, address, events, or switch it on or off."""
    require_admin(by)
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)  # its secret may have changed since it was read
    _check(url=changes.get("url", webhook.url), events=changes.get("events", webhook.events))
    for field, value in changes.items():
        setattr(webhook, field, _in_order(value) if field == "events" else value)
    if changes.get("is_enabled"):
        webhook.disabled_because, webhook.failing_since = "", None
    webhook.save()
    audit.record("webhook.changed", webhook, by=by, fields=sorted(changes))
    return webhook


@transaction.atomic
def rotate_secret(*, webhook: Webhook, by: Member) -> FreshWebhook:
    """Give it a new secret. For a day both sign, so that the receiver can change over without losing a message."""
    require_admin(by)
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    secret = _new_secret()
    webhook.sealed_former, webhook.former_until = webhook.sealed_secret, timezone.now() + BOTH_FOR
    webhook.secret = secret
    webhook.save()
    audit.record("webhook.secret_changed", webhook, by=by)
    return FreshWebhook(webhook, secret)


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: Member) -> None:
    require_admin(by)
    audit.record("webhook.deleted", webhook, by=by, url=webhook.url)
    webhook.delete()


@transaction.atomic
def send_test(*, webhook: Webhook, by: Member) -> Delivery:
    """Send a message that says that it is a test."""
    require_admin(by)
    _require_enabled(webhook)
    audit.record("webhook.tested", webhook, by=by)
    return announcing.deliver(webhook, TEST, {"webhook": str(webhook.pk), "name": webhook.name, "sent_by": by.name})


@transaction.atomic
def replay(*, delivery: Delivery, by: Member) -> Delivery:
    """Send a message of the log once more, with the same content, as a new one."""
    require_admin(by)
    _require_enabled(delivery.webhook)
    audit.record("webhook.replayed", delivery.webhook, by=by, delivery=str(delivery.pk))
    again = Delivery(webhook=delivery.webhook, event=delivery.event, body=delivery.body, replay_of=delivery)
    return announcing.enqueue(again)


@transaction.atomic
def try_now(*, delivery: Delivery, by: Member) -> Delivery:
    """Make the next attempt of a waiting delivery at once."""
    require_admin(by)
    if delivery.status != Delivery.Status.PENDING:
        raise WrongState("This delivery has ended; replay it to send it once more.")
    queue.enqueue(kind=announcing.KIND, object_id=delivery.pk, queue=announcing.QUEUE)
    return delivery


def _require_enabled(webhook: Webhook) -> None:
    if not webhook.is_enabled:
        raise WrongState("This webhook is switched off; switch it on first.")


def _check(*, url: str, events: Sequence[str]) -> None:
    try:
        admit(parse(url), operators_policy())
    except EgressRefused as refusal:
        raise Invalid(refusal.detail, errors=[FieldError("url", refusal.code, refusal.detail)]) from None
    if leads_home(url):
        raise Invalid(LEADS_HOME, errors=[FieldError("url", "own_address", LEADS_HOME)])
    unknown = [event for event in events if event not in EVENTS]
    if unknown or not events:
        detail = f"Choose from: {', '.join(EVENTS)}."
        raise Invalid(detail, errors=[FieldError("events", "unknown" if unknown else "empty", detail)])


def _in_order(events: Sequence[str]) -> list[str]:
    return [event for event in EVENTS if event in events]


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"

"""Sending one message: signed, bounded, tried again for a day and a half, and every attempt noted."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Signer

from projects.webhooks.announcing import KIND
from projects.webhooks.home import LEADS_HOME, leads_home
from projects.webhooks.models import Delivery, Webhook
from projects.work.leases import Ending, Lease
from tenants.context import in_tenant
from tenants.egress import EgressError, fetch, operators_policy
from tenants.requests import HOPS_HEADER
from tenants.sealing import Unsealable

__all__ = ["KIND", "give_up", "run"]

ATTEMPT_SECONDS = 15.0
ANSWER_BYTES = 64_000
ANSWER_KEPT = 2_000
PAUSES = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0)
GONE = 410
BROKEN_FOR = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Message:
    """What one attempt sends, and the secrets that sign it: two while one takes the place of the other.

    `hops` counts the runs that led to it; a receiver that starts a run because of it hands the header on.
    """

    id: str
    url: str
    body: str
    secrets: tuple[str, ...]
    hops: int = 1

    def headers(self, now: datetime) -> dict[str, str]:
        """Signed as Standard Webhooks 1.0 says: over id, time and body, so that nothing can be sent twice or changed."""
        signatures = " ".join(Signer(secret).sign(self.id, now, self.body) for secret in self.secrets)
        return {
            "Content-Type": "application/json",
            "Webhook-Id": self.id,
            "Webhook-Timestamp": str(int(now.timestamp())),
            "Webhook-Signature": signatures,
            HOPS_HEADER: str(self.hops),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. `status` is None where nothing was answered."""

    status: int | None
    detail: str
    answer: str
    seconds: float

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def run(lease: Lease) -> Ending:
    """One attempt at one delivery; the next one is due after a pause that grows."""
    message = await in_tenant(lease.schema, _message, lease.object_id)
    if message is None:
        return "done"
    outcome = await attempt(message)
    pause = await in_tenant(lease.schema, _note, lease.object_id, outcome)
    lease.pause = pause or 0.0
    return "done" if pause is None else "queued"


async def attempt(message: Message) -> Outcome:
    began = time.monotonic()
    policy = operators_policy(seconds=ATTEMPT_SECONDS, most_bytes=ANSWER_BYTES, cut=True, redirects=0)
    headers = message.headers(datetime.now(tz=UTC))
    try:
        answer = await fetch(message.url, policy=policy, method="POST", headers=headers, body=message.body.encode())
    except EgressError as failure:
        return Outcome(None, failure.detail[:400], "", time.monotonic() - began)
    text = answer.text.replace("\x00", "")[:ANSWER_KEPT]
    return Outcome(answer.status, f"It answered with {answer.status}.", text, time.monotonic() - began)


def give_up(delivery_id: UUID, reason: str) -> None:
    Delivery.objects.filter(pk=delivery_id, status=Delivery.Status.PENDING).update(
        status=Delivery.Status.FAILED, last_detail=reason[:400], next_at=None
    )


def _message(delivery_id: UUID) -> Message | None:
    """What is to be sent, or None where nothing is: delivered, given up, or the webhook was switched off."""
    delivery = Delivery.objects.select_related("webhook").filter(pk=delivery_id, status=Delivery.Status.PENDING).first()
    if delivery is None:
        return None
    webhook = delivery.webhook
    if not webhook.is_enabled:
        give_up(delivery_id, "The webhook was switched off.")
        return None
    if leads_home(webhook.url):
        give_up(delivery_id, LEADS_HOME)
        return None
    try:
        keys = _secrets(webhook)
    except Unsealable as failure:
        give_up(delivery_id, str(failure))
        return None
    return Message(f"msg_{delivery.pk.hex}", webhook.url, delivery.body, keys, _hops_in(delivery.body))


def _hops_in(body: str) -> int:
    """A test, and a message from before they were counted, is the first."""
    return int(orjson.loads(body)["data"].get("hops", 1))


def _secrets(webhook: Webhook) -> tuple[str, ...]:
    overlap = webhook.former_until is not None and webhook.former_until > timezone.now()
    return (webhook.secret, webhook.former_secret) if overlap else (webhook.secret,)


@transaction.atomic
def _note(delivery_id: UUID, outcome: Outcome) -> float | None:
    """Keep the outcome; the seconds until the next attempt, or None where there is none."""
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        return None
    webhook = Webhook.objects.select_for_update().get(pk=delivery.webhook_id)
    delivery.attempts += 1
    delivery.last_status, delivery.last_detail = outcome.status, outcome.detail
    delivery.last_answer, delivery.last_seconds = outcome.answer, round(outcome.seconds, 3)
    pause = None if outcome.arrived else _after_failure(webhook, delivery, outcome)
    if outcome.arrived:
        delivery.status, delivery.delivered_at = Delivery.Status.DELIVERED, timezone.now()
        webhook.failing_since = None
    elif pause is None:
        delivery.status = Delivery.Status.FAILED
    delivery.next_at = timezone.now() + timedelta(seconds=pause) if pause else None
    delivery.save()
    webhook.save(update_fields=["failing_since", "is_enabled", "disabled_because", "updated_at"])
    return pause


def _after_failure(webhook: Webhook, delivery: Delivery, outcome: Outcome) -> float | None:
    """Switch off an address that is gone or has failed for days; else say when to try again, if ever."""
    webhook.failing_since = webhook.failing_since or timezone.now()
    if outcome.status == GONE:
        _switch_off(webhook, "The receiver answered 410: it wants no more.")
        return None
    if timezone.now() - webhook.failing_since > BROKEN_FOR:
        _switch_off(webhook, f"Nothing arrived there for {BROKEN_FOR.days} days.")
        return None
    if delivery.attempts > len(PAUSES):
        return None
    pause = PAUSES[delivery.attempts - 1]
    return pause + secrets.randbelow(1000) / 1000 * pause / 10


def _switch_off(webhook: Webhook, why: str) -> None:
    webhook.is_enabled, webhook.disabled_because = False, why

"""Noting what happened for everybody who wants to hear of it, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from projects.models import Run
from projects.webhooks.models import EVENTS, Delivery, Webhook
from projects.work import queue
from tenants.addresses import absolute_url, workspace_url
from tenants.context import current_schema
from tenants.resolving import resolve

KIND, QUEUE = "webhook", "crews"


def announce_run(run: Run, event: str) -> None:
    """Put a message about a run into the log of every webhook that wants it; nothing is sent before the commit."""
    if event in EVENTS:
        wanting = Webhook.objects.filter(is_enabled=True, events__contains=[event])
        for webhook in wanting:
            deliver(webhook, event, _about(run))


def announce_ends(ended: Mapping[UUID, str]) -> None:
    """The same for runs that ended in one commit, by id with their state: one small query where nobody wants to hear of any."""
    said = [f"run.{status}" for status in ended.values()]
    if said and Webhook.objects.filter(is_enabled=True, events__overlap=said).exists():
        for run in Run.objects.filter(pk__in=ended):
            announce_run(run, f"run.{ended[run.pk]}")


def deliver(webhook: Webhook, event: str, data: dict[str, Any]) -> Delivery:
    """Store one message and put it into the queue."""
    message = {"type": event, "timestamp": timezone.now().isoformat(), "data": data}
    return enqueue(Delivery(webhook=webhook, event=event, body=orjson.dumps(message).decode()))


def enqueue(delivery: Delivery) -> Delivery:
    delivery.save()
    queue.enqueue(kind=KIND, object_id=delivery.pk, queue=QUEUE)
    return delivery


def _about(run: Run) -> dict[str, Any]:
    """What a receiver needs to look further. No output and no input: those are read with an API key."""
    return {
        "id": str(run.pk),
        "title": run.title,
        "kind": run.kind,
        "subject": str(run.subject_id) if run.subject_id else None,
        "project": str(run.project_id),
        "status": run.status,
        "stop_reason": run.stop_reason,
        "detail": run.stop_detail,
        "origin": run.origin,
        "hops": run.hops + 1,
        "usage": {
            "prompt_tokens": run.prompt_tokens,
            "completion_tokens": run.completion_tokens,
            "cost": str(run.cost),
        },
        "url": _address(f"runs/{run.pk}/"),
        "api_url": _address(f"api/v1/runs/{run.pk}/"),
    }


def _address(path: str) -> str:
    """From PUBLIC_URL on where the operator set it, else from the host's root."""
    tenant = resolve(f"schema:{current_schema()}")
    slug = tenant.slug if tenant else ""
    return absolute_url(workspace_url(slug, path))

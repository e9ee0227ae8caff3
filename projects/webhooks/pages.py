"""Pages about webhooks, for admins."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from projects.cards import pretty
from projects.webhooks import access, services
from projects.webhooks.forms import WebhookForm, told_of
from projects.webhooks.models import Webhook
from projects.webhooks.services import FreshWebhook
from tenants.access import Role
from tenants.errors import Conflict, Invalid
from tenants.forms import show_refusal
from tenants.pages import WorkspacePage

DELIVERIES = 50


class WebhooksPage(WorkspacePage):
    """All webhooks, and making one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(WebhookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if form.is_valid():
            try:
                fresh = services.create_webhook(**form.cleaned_data, by=self.member)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                return self._answer(WebhookForm(), fresh=fresh)
        return self._answer(form, status=422)

    def _answer(self, form: WebhookForm, *, fresh: FreshWebhook | None = None, status: int = 200) -> HttpResponse:
        """A fresh secret is in this one answer and nowhere else, so no cache may keep it."""
        may_manage = self.member.may(Role.ADMIN)
        found = Webhook.objects.order_by("-created_at") if may_manage else []
        answer = self.render(
            "projects/webhooks.html",
            status=status,
            form=form,
            fresh=fresh,
            webhooks=[(webhook, told_of(webhook.events)) for webhook in found],
            may_manage=may_manage,
        )
        add_never_cache_headers(answer)
        return answer


class WebhookPage(WorkspacePage):
    """One webhook with the log of its deliveries."""

    def get(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        return self._answer(access.get_webhook(self.member, webhook_id))

    def _answer(self, webhook: Webhook, **more: Any) -> HttpResponse:
        deliveries = webhook.deliveries.order_by("-created_at", "-id")[:DELIVERIES]
        answer = self.render("projects/webhook.html", webhook=webhook, deliveries=deliveries, **more)
        add_never_cache_headers(answer)
        return answer


class RotateSecretPage(WebhookPage):
    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        fresh = services.rotate_secret(webhook=access.get_webhook(self.member, webhook_id), by=self.member)
        return self._answer(fresh.row, fresh=fresh)


class SendTestPage(WorkspacePage):
    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        services.send_test(webhook=access.get_webhook(self.member, webhook_id), by=self.member)
        messages.success(request, "A test is on its way; its delivery stands in the log below.")
        return redirect("webhooks:webhook", webhook_id)


class SwitchPage(WorkspacePage):
    """Switch a webhook off, or on again."""

    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        webhook = access.get_webhook(self.member, webhook_id)
        changes = {"is_enabled": not webhook.is_enabled}
        services.update_webhook(webhook=webhook, changes=changes, by=self.member)
        return redirect("webhooks:webhook", webhook_id)


class DeleteWebhookPage(WorkspacePage):
    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        webhook = access.get_webhook(self.member, webhook_id)
        services.delete_webhook(webhook=webhook, by=self.member)
        messages.success(request, f"“{webhook.name}” is told nothing any more.")
        return redirect("webhooks:list")


class DeliveryPage(WorkspacePage):
    """One message: what was sent, and what was answered."""

    def get(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        delivery = access.get_delivery(self.member, delivery_id)
        body = pretty(json.loads(delivery.body))
        return self.render("projects/delivery.html", delivery=delivery, webhook=delivery.webhook, body=body)

    def post(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        """Send it once more."""
        again = services.replay(delivery=access.get_delivery(self.member, delivery_id), by=self.member)
        messages.success(request, "It is on its way once more.")
        return redirect("webhooks:delivery", again.pk)

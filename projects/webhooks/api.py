"""Webhooks for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.webhooks import access, services
from projects.webhooks.models import Delivery, Webhook
from projects.webhooks.serializers import (
    DeliveryLineOut,
    DeliveryOut,
    FreshWebhookOut,
    WebhookChange,
    WebhookIn,
    WebhookOut,
)
from projects.webhooks.services import FreshWebhook
from tenants.access import require_admin
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


class WebhooksView(WorkspaceView):
    shown_once = ("secret",)

    @extend_schema(operation_id="webhooks_list", responses=WebhookOut(many=True))
    def get(self, request: Request) -> Response:
        require_admin(self.member)
        self.filters(())
        return self.page(Webhook.objects.all(), WebhookOut)

    @extend_schema(operation_id="webhooks_create", request=WebhookIn, responses={201: FreshWebhookOut})
    def post(self, request: Request) -> Response:
        """The secret is in this answer and nowhere else."""
        return _fresh(services.create_webhook(**self.read(WebhookIn), by=self.member), 201)


class WebhookView(WorkspaceView):
    @extend_schema(operation_id="webhooks_read", responses=WebhookOut)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        return self.answer(access.get_webhook(self.member, webhook_id), WebhookOut)

    @extend_schema(operation_id="webhooks_update", request=WebhookChange, responses=WebhookOut)
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        webhook = self.check_match(access.get_webhook(self.member, webhook_id), WebhookOut)
        changes = self.read(WebhookChange, partial=True)
        return self.answer(services.update_webhook(webhook=webhook, changes=changes, by=self.member), WebhookOut)

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        webhook = self.check_match(access.get_webhook(self.member, webhook_id), WebhookOut)
        services.delete_webhook(webhook=webhook, by=self.member)
        return Response(status=204)


class RotateSecretView(WorkspaceView):
    shown_once = ("secret",)

    @extend_schema(operation_id="webhooks_rotate", request=None, responses=FreshWebhookOut)
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """A new secret; for a day the old one signs as well."""
        return _fresh(services.rotate_secret(webhook=access.get_webhook(self.member, webhook_id), by=self.member), 200)


class TestWebhookView(WorkspaceView):
    @extend_schema(operation_id="webhooks_test", request=None, responses={202: DeliveryLineOut})
    def post(self, request: Request, webhook_id: UUID) -> Response:
        sent = services.send_test(webhook=access.get_webhook(self.member, webhook_id), by=self.member)
        return Response(DeliveryLineOut(sent).data, status=202)


class DeliveriesView(WorkspaceView):
    @extend_schema(
        operation_id="webhooks_deliveries",
        responses=DeliveryLineOut(many=True),
        parameters=[OpenApiParameter("status", str, enum=Delivery.Status.values)],
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        webhook = access.get_webhook(self.member, webhook_id)
        status = self.filters({"status"}).get("status")
        if status is not None and status not in Delivery.Status.values:
            detail = f"Choose from: {', '.join(Delivery.Status.values)}."
            raise Invalid(detail, errors=[FieldError("status", "unknown", detail)])
        found = webhook.deliveries.filter(status=status) if status else webhook.deliveries.all()
        return self.page(found, DeliveryLineOut)


class DeliveryView(WorkspaceView):
    @extend_schema(operation_id="webhooks_delivery", responses=DeliveryOut)
    def get(self, request: Request, delivery_id: UUID) -> Response:
        return self.answer(access.get_delivery(self.member, delivery_id), DeliveryOut)


class ReplayView(WorkspaceView):
    @extend_schema(operation_id="webhooks_replay", request=None, responses={202: DeliveryLineOut})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """The same message once more, as a new delivery."""
        again = services.replay(delivery=access.get_delivery(self.member, delivery_id), by=self.member)
        return Response(DeliveryLineOut(again).data, status=202)


class TryNowView(WorkspaceView):
    @extend_schema(operation_id="webhooks_try_now", request=None, responses={202: DeliveryLineOut})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """The next attempt of a waiting delivery, at once."""
        waiting = services.try_now(delivery=access.get_delivery(self.member, delivery_id), by=self.member)
        return Response(DeliveryLineOut(waiting).data, status=202)


def _fresh(made: FreshWebhook, status: int) -> Response:
    return Response(FreshWebhookOut(made.row, context={"secret": made.secret}).data, status=status)

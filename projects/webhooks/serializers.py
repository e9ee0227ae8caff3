"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.webhooks.models import EVENTS, Delivery, Webhook


class WebhookIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS), min_length=1, max_length=len(EVENTS))


class WebhookChange(WebhookIn):
    is_enabled = serializers.BooleanField(required=False)


class WebhookOut(serializers.ModelSerializer[Webhook]):
    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "name",
            "url",
            "events",
            "is_enabled",
            "disabled_because",
            "failing_since",
            "former_until",
            "made_by",
            "created_at",
            "updated_at",
        )


class FreshWebhookOut(WebhookOut):
    """With the secret, this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookOut.Meta):
        fields = (*WebhookOut.Meta.fields, "secret")

    def get_secret(self, webhook: Webhook) -> str:
        return str(self.context["secret"])


class DeliveryLineOut(serializers.ModelSerializer[Delivery]):
    webhook = serializers.UUIDField(source="webhook_id")
    replay_of = serializers.UUIDField(source="replay_of_id", allow_null=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id",
            "webhook",
            "event",
            "status",
            "attempts",
            "next_at",
            "last_status",
            "last_detail",
            "last_seconds",
            "delivered_at",
            "replay_of",
            "created_at",
        )


class DeliveryOut(DeliveryLineOut):
    class Meta(DeliveryLineOut.Meta):
        fields = (*DeliveryLineOut.Meta.fields, "body", "last_answer")

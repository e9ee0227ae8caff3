"""Addresses that want to hear of things, and every message that was sent to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.rows import Row
from tenants.sealing import place_of, seal, unseal

EVENTS = (
    "run.started",
    "run.waiting",
    "run.succeeded",
    "run.failed",
    "run.cancelled",
    "run.timed_out",
    "run.over_budget",
)
TEST = "webhook.test"


class Webhook(Row):
    """An address of another system. Its secret signs what is sent, so that the receiver can tell who sent it."""

    name = models.CharField(max_length=80)
    url = models.URLField(max_length=2000)
    events = ArrayField(models.CharField(max_length=40))
    sealed_secret = models.TextField()
    sealed_former = models.TextField(blank=True, help_text="The secret before the last change, while both are used.")
    former_until = models.DateTimeField(null=True)
    is_enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=254)

    class Meta:
        constraints = [models.CheckConstraint(name="a_webhook_wants_something", condition=~Q(events=[]))]
        indexes = [models.Index(name="webhooks_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        return unseal(self.sealed_secret, place=self._place)

    @secret.setter
    def secret(self, text: str) -> None:
        self.sealed_secret = seal(text, place=self._place)

    @property
    def former_secret(self) -> str:
        return unseal(self.sealed_former, place=self._place) if self.sealed_former else ""

    @property
    def _place(self) -> str:
        return place_of("webhook", self.pk, "secret")


class Delivery(Row):
    """One message to one address. Its id is the message's own, the same at every attempt."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    body = models.TextField()
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(
        null=True, help_text="What the receiver answered last; empty: nothing."
    )
    last_detail = models.CharField(max_length=400, blank=True)
    last_answer = models.TextField(blank=True, help_text="The beginning of the receiver's answer.")
    last_seconds = models.FloatField(null=True)
    delivered_at = models.DateTimeField(null=True)
    replay_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replays")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                name="delivery_status_is_known", condition=Q(status__in=["pending", "delivered", "failed"])
            )
        ]
        indexes = [models.Index(name="deliveries_of_webhook", fields=["webhook", "-created_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"

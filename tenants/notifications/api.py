"""What one has been told, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.views import SignedInView
from tenants.errors import FieldError, Invalid
from tenants.notifications import queries, services
from tenants.notifications.models import Kind, Notification

FILTERS = ("kind", "unread", "workspace")
MOST_IDS = 100
PARAMETERS = [
    OpenApiParameter("kind", OpenApiTypes.STR, enum=Kind.values),
    OpenApiParameter("unread", OpenApiTypes.STR, enum=["true"], description="Only what is not read."),
    OpenApiParameter("workspace", OpenApiTypes.STR, description="Only about the workspace with this slug."),
]


class NotificationOut(serializers.ModelSerializer[Notification]):
    """`url` is a path from the host's root; `workspace` the slug of what it is about, or null."""

    workspace = serializers.CharField(source="tenant.slug", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Notification
        fields = ("id", "kind", "title", "text", "url", "workspace", "read_at", "created_at")
        read_only_fields = fields


class NotificationsReadIn(serializers.Serializer[Any]):
    """Either `ids`, or `all`."""

    ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST_IDS)
    all = serializers.BooleanField(required=False, default=False)


class NotificationsUnreadOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="How many are left; 100 stands for more than 99.")


class NotificationMails(serializers.Serializer[Any]):
    kinds = serializers.ListField(child=serializers.ChoiceField(Kind.choices), help_text="What comes by mail.")


class NotificationsView(SignedInView):
    @extend_schema(operation_id="notifications_list", parameters=PARAMETERS, responses=NotificationOut(many=True))
    def get(self, request: Request) -> Response:
        """What you have been told in the last 90 days, newest first."""
        given = self.filters(FILTERS)
        _refuse("kind", given, Kind.values)
        _refuse("unread", given, ["true"])
        rows = queries.narrowed(
            queries.of(self.user),
            kind=given.get("kind", ""),
            unread="unread" in given,
            workspace=given.get("workspace", ""),
        )
        return self.page(rows, NotificationOut)


class ReadView(SignedInView):
    @extend_schema(operation_id="notifications_read", request=NotificationsReadIn, responses=NotificationsUnreadOut)
    def post(self, request: Request) -> Response:
        """Mark as read: those named, or all. What is not yours is left alone."""
        given = self.read(NotificationsReadIn)
        if ("ids" in given) == given["all"]:
            detail = "Send either ids, or all as true."
            raise Invalid(detail, errors=[FieldError("ids", "invalid", detail)])
        if given["all"]:
            left = services.mark_all_read(by=self.user)
        else:
            left = services.mark_read(ids=given["ids"], by=self.user)
        return Response({"unread": left})


class MailView(SignedInView):
    @extend_schema(operation_id="notifications_mail", responses=NotificationMails)
    def get(self, request: Request) -> Response:
        """Which kinds come by mail."""
        return self._chosen()

    @extend_schema(operation_id="notifications_mail_choose", request=NotificationMails, responses=NotificationMails)
    def put(self, request: Request) -> Response:
        """From here on exactly these kinds come by mail."""
        given = self.read(NotificationMails)
        services.choose_mails(wanted=[Kind(kind) for kind in given["kinds"]], by=self.user)
        return self._chosen()

    def _chosen(self) -> Response:
        kinds = [kind.value for kind, wanted in queries.wants_mail(self.user).items() if wanted]
        return self.answer({"kinds": kinds}, NotificationMails)


def _refuse(name: str, given: dict[str, str], known: list[str]) -> None:
    if name in given and given[name] not in known:
        detail = f"One of: {', '.join(known)}."
        raise Invalid(detail, errors=[FieldError(name, "invalid", detail)])

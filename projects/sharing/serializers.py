"""Links to runs: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.models import ShareLink
from projects.sharing.services import DAYS, MOST_DAYS


class LinkIn(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False, default=DAYS)
    shows_inputs = serializers.BooleanField(required=False, default=False)


class LinkOut(serializers.ModelSerializer[ShareLink]):
    class Meta:
        model = ShareLink
        fields = ("id", "shows_inputs", "made_by", "created_at", "expires_at", "last_seen_at", "revoked_at", "revoked_by")  # fmt: skip


class FreshLinkOut(LinkOut):
    url = serializers.SerializerMethodField()

    class Meta(LinkOut.Meta):
        fields = (*LinkOut.Meta.fields, "url")  # type: ignore[assignment]

    @extend_schema_field({"type": ["string", "null"], "description": "Shown once; null where a request was repeated."})
    def get_url(self, link: ShareLink) -> str:
        return str(self.context["url"])

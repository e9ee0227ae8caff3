"""Links to plays: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.sharing.services import DAYS, MOST_DAYS
from simulations.models import SimulationLink


class SimulationLinkIn(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False, default=DAYS)


class SimulationLinkOut(serializers.ModelSerializer[SimulationLink]):
    class Meta:
        model = SimulationLink
        fields = ("id", "made_by", "created_at", "expires_at", "last_seen_at", "revoked_at", "revoked_by")


class FreshSimulationLinkOut(SimulationLinkOut):
    url = serializers.SerializerMethodField()

    class Meta(SimulationLinkOut.Meta):
        fields = (*SimulationLinkOut.Meta.fields, "url")  # type: ignore[assignment]

    @extend_schema_field({"type": ["string", "null"], "description": "Shown once; null where a request was repeated."})
    def get_url(self, link: SimulationLink) -> str:
        return str(self.context["url"])

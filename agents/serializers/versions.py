"""Versions of crews and agents, as they are shown."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.models import DefinitionVersion


class VersionLineOut(serializers.ModelSerializer[DefinitionVersion]):
    """`number` grows by one with every change; `digest` is the same for the same definition."""

    class Meta:
        model = DefinitionVersion
        fields: tuple[str, ...] = ("number", "digest", "made_by", "created_at")


class DifferenceOut(serializers.Serializer[Any]):
    """A value that differs, by its path, as in `tasks.write_brief.description`; null where there is none."""

    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class VersionOut(VersionLineOut):
    """With what it says, and how it differs from `against`: the version before it unless another was asked for."""

    definition = serializers.DictField()
    against = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()

    class Meta(VersionLineOut.Meta):
        fields = (*VersionLineOut.Meta.fields, "definition", "against", "differences")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_against(self, version: DefinitionVersion) -> int | None:
        other: DefinitionVersion | None = self.context["against"]
        return other.number if other else None

    @extend_schema_field(DifferenceOut(many=True))
    def get_differences(self, version: DefinitionVersion) -> Any:
        return DifferenceOut(self.context["differences"], many=True).data

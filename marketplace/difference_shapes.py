"""How the difference between two manifests is shown to programs, wherever two versions are put side by side."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ChangeOut(serializers.Serializer[Any]):
    """One value of the manifest; null where there was or is none."""

    path = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class MeaningOut(serializers.Serializer[Any]):
    """A permission without its reason."""

    code = serializers.CharField()
    group = serializers.CharField(source="group.value")
    risk = serializers.SerializerMethodField()
    sentence = serializers.CharField()

    def get_risk(self, meaning: Any) -> str:
        return str(meaning.risk.name.lower())


class WidenedOut(serializers.Serializer[Any]):
    before = MeaningOut()
    after = MeaningOut()


class PermissionChangesOut(serializers.Serializer[Any]):
    added = MeaningOut(many=True)
    removed = MeaningOut(many=True)
    widened = WidenedOut(many=True)
    narrowed = WidenedOut(many=True)


class NamesOut(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())


class DifferenceOut(serializers.Serializer[Any]):
    """What changed, power first; `widens` says whether the newer one asks for more."""

    level = serializers.ChoiceField(choices=["major", "minor", "patch"])
    widens = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    permissions = PermissionChangesOut()
    tools = NamesOut()
    prompts = ChangeOut(many=True)
    inputs = ChangeOut(many=True)
    limits = ChangeOut(many=True)
    settings = ChangeOut(many=True)
    evaluation = ChangeOut(many=True)
    words = ChangeOut(many=True)

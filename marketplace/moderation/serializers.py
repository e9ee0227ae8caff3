"""The wire's shapes of reports, decisions and appeals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.moderation.forms import REPORTED
from marketplace.moderation.models import Appeal, Decision, Report
from marketplace.moderation.presenting import Shown, shown
from marketplace.moderation.services import appealing, reporting


class ReportIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField([(code.value, code.label) for code in REPORTED])
    text = serializers.CharField(max_length=reporting.LONGEST)
    version = serializers.CharField(
        max_length=64, required=False, help_text="Which version you looked at, as in 1.2.0; without it, the newest."
    )


class ReportOut(serializers.ModelSerializer[Report]):
    """`outcome_note` is what the moderators answer."""

    class Meta:
        model = Report
        fields = ("id", "reason", "text", "state", "outcome_note", "created_at", "decided_at")
        read_only_fields = fields


class AppealIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=appealing.LONGEST)


class AppealOut(serializers.ModelSerializer[Appeal]):
    class Meta:
        model = Appeal
        fields = ("state", "text", "answer", "created_at", "decided_at")
        read_only_fields = fields


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()


class EvidenceOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    quote = serializers.CharField()
    note = serializers.CharField()


class RuleOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()


class ShownOut(serializers.Serializer[Any]):
    """A decision against something of yours: why, by which rule, and what became of an appeal."""

    token = serializers.UUIDField()
    action = serializers.CharField()
    about = serializers.CharField()
    kind = serializers.CharField()
    url = serializers.CharField()
    state = serializers.ChoiceField(["stands", "appealed", "upheld", "taken_back"])
    by = serializers.ChoiceField(["moderator", "checks"])
    reasons = ReasonOut(many=True)
    evidence = EvidenceOut(many=True)
    rule = RuleOut()
    reasoning = serializers.CharField()
    decided_at = serializers.DateTimeField()
    appeal_until = serializers.DateTimeField()
    may_appeal = serializers.BooleanField()
    appeal = AppealOut(allow_null=True)


@extend_schema_field(ShownOut)
class DecisionOut(serializers.BaseSerializer[Decision]):
    """The same, from the row."""

    def to_representation(self, decision: Decision) -> dict[str, Any]:
        told: Shown = shown(decision)
        return dict(ShownOut(told).data)

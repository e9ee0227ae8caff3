"""Publishing over HTTP: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.models import Listing, ListingShare, ListingVersion
from marketplace.publishing import checking
from marketplace.publishing.timeline import standing_of
from marketplace.sandbox.models import EvaluationRun
from tenants.models import Tenant

MOST_ENTRIES = 100
ONE_OF = ("crew", "agent", "scenario", "manifest")


class FieldIn(serializers.Serializer[Any]):
    """How an input is described beyond what the builder says."""

    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=1_000, required=False)
    type = serializers.ChoiceField(choices=["string", "integer", "number", "boolean"], required=False)
    enum = serializers.ListField(
        child=serializers.CharField(max_length=400), min_length=1, max_length=50, required=False
    )
    minLength = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)  # noqa: N815 - JSON Schema's own
    maxLength = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)  # noqa: N815


class AskedHostIn(serializers.Serializer[Any]):
    host = serializers.CharField(max_length=253)
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=["GET", "POST", "PUT", "PATCH", "DELETE"]), max_length=5, required=False
    )
    why = serializers.CharField(max_length=400)


class AboutIn(serializers.Serializer[Any]):
    """What a manifest says besides the definition: `reasons` by permission code, everything else in the manifest's own form."""

    metadata = serializers.DictField(required=False)
    disclosure = serializers.DictField(required=False)
    reasons = serializers.DictField(child=serializers.CharField(max_length=400), required=False)
    hosts = serializers.ListField(child=AskedHostIn(), max_length=20, required=False)
    scheduled = serializers.BooleanField(required=False, default=False)
    inputs = serializers.DictField(child=FieldIn(), required=False)
    examples = serializers.ListField(child=serializers.DictField(), max_length=5, required=False)
    limits = serializers.DictField(required=False)
    evaluation = serializers.DictField(required=False)
    offline = serializers.BooleanField(required=False, default=False)


class SubmissionIn(serializers.Serializer[Any]):
    """One of `crew`, `agent` and `scenario` with `about`, or a whole `manifest`: YAML as a text, or the document itself."""

    crew = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    scenario = serializers.UUIDField(required=False)
    about = AboutIn(required=False)
    manifest = serializers.JSONField(required=False)
    visibility = serializers.ChoiceField(choices=Listing.Visibility.choices, default=Listing.Visibility.PRIVATE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ONE_OF) != 1:
            raise serializers.ValidationError(f"Send exactly one of {', '.join(ONE_OF)}.", code="one_of")
        return attrs

    def validate_manifest(self, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise serializers.ValidationError("Send YAML as a text, or the document itself.", code="invalid")
        return value


class SubmissionAnswerIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4_000)


class SubmissionOut(serializers.ModelSerializer[ListingVersion]):
    listing = serializers.CharField(source="listing.ref", read_only=True)
    title = serializers.CharField(source="listing.title", read_only=True)
    version = serializers.CharField(source="semver", read_only=True)
    state = serializers.CharField(source="review_state", read_only=True)
    risk = serializers.CharField(source="get_risk_display", read_only=True)

    class Meta:
        model = ListingVersion
        fields = (
            "id", "listing", "listing_id", "title", "version", "visibility", "state", "availability", "risk", "digest",
            "changelog", "submitted_at", "published_at",
        )  # fmt: skip
        read_only_fields = fields


class SubmissionFindingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    severity = serializers.CharField()
    enforced = serializers.BooleanField()
    path = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
    fix = serializers.CharField()


class EvaluationOut(serializers.ModelSerializer[EvaluationRun]):
    """Rates are shares from 0 to 1; the interval is Wilson's at 95 %; cost in US dollars."""

    class Meta:
        model = EvaluationRun
        fields = (
            "state", "note", "provider", "model", "n", "passed", "score", "threshold", "pass_rate", "ci_low", "ci_high", "cost",
            "cost_p50", "cost_p95", "seconds_p50", "seconds_p95", "tokens_p50", "tokens_p95", "started_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class MomentOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    title = serializers.CharField()
    who = serializers.CharField()
    text = serializers.CharField()


class SubmissionDecisionOut(serializers.Serializer[Any]):
    """What was decided, in full: reasons, where to look, the rule, and where to appeal (a path from the host's root)."""

    action = serializers.CharField(source="decision.action")
    reason_codes = serializers.ListField(child=serializers.CharField(), source="decision.reason_codes")
    evidence = serializers.ListField(child=serializers.DictField(), source="decision.evidence")
    reasoning = serializers.CharField(source="decision.reasoning")
    policy = serializers.CharField(source="decision.policy_text")
    decided_at = serializers.DateTimeField(source="decision.created_at")
    appeal = serializers.CharField()


class SubmissionPageOut(SubmissionOut):
    """One submission whole: what happens next, what the checks and the cases gave, what was decided and why."""

    next = serializers.SerializerMethodField()
    due_at = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    evaluation = serializers.SerializerMethodField()
    timeline = serializers.SerializerMethodField()
    decisions = serializers.SerializerMethodField()

    class Meta:
        model = ListingVersion
        fields = (*SubmissionOut.Meta.fields, "next", "due_at", "findings", "evaluation", "timeline", "decisions")
        read_only_fields = fields

    def to_representation(self, instance: ListingVersion) -> dict[str, Any]:
        self.standing = standing_of(instance)
        return super().to_representation(instance)

    def get_next(self, version: ListingVersion) -> str:
        return self.standing.next

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_due_at(self, version: ListingVersion) -> Any:
        return self.standing.due_at

    @extend_schema_field(SubmissionFindingOut(many=True))
    def get_findings(self, version: ListingVersion) -> Any:
        report = checking.kept(version)
        return SubmissionFindingOut(report.findings if report else (), many=True).data

    @extend_schema_field(EvaluationOut(allow_null=True))
    def get_evaluation(self, version: ListingVersion) -> Any:
        return EvaluationOut(self.standing.evaluation).data if self.standing.evaluation else None

    @extend_schema_field(MomentOut(many=True))
    def get_timeline(self, version: ListingVersion) -> Any:
        return MomentOut(self.standing.moments, many=True).data

    @extend_schema_field(SubmissionDecisionOut(many=True))
    def get_decisions(self, version: ListingVersion) -> Any:
        return SubmissionDecisionOut(self.standing.messages, many=True).data


class OwnListingOut(serializers.ModelSerializer[Listing]):
    listing = serializers.CharField(source="ref", read_only=True)
    version = serializers.CharField(source="current_version.semver", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Listing
        fields = (
            "id", "listing", "kind", "title", "summary", "visibility", "version", "installs", "active_tenants", "published_at",
            "retired_at",
        )  # fmt: skip
        read_only_fields = fields


class VisibilityIn(serializers.Serializer[Any]):
    visibility = serializers.ChoiceField(choices=Listing.Visibility.choices)


class VersionIn(serializers.Serializer[Any]):
    version = serializers.CharField(max_length=64)


class YankIn(VersionIn):
    reason = serializers.CharField(max_length=400)


class DeprecateIn(YankIn):
    """`successor` is publisher/slug of what to use instead."""

    successor = serializers.CharField(max_length=101, required=False, allow_blank=True, default="")


class ShareIn(serializers.Serializer[Any]):
    """`workspace` is the other workspace's short name."""

    workspace = serializers.CharField(max_length=40)


class ShareOut(serializers.ModelSerializer[ListingShare]):
    workspace = serializers.SerializerMethodField()

    class Meta:
        model = ListingShare
        fields = ("id", "workspace", "created_at")
        read_only_fields = fields

    def get_workspace(self, share: ListingShare) -> str:
        return str(Tenant.objects.filter(pk=share.tenant_id).values_list("slug", flat=True).first() or "")

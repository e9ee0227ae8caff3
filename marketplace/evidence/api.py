"""Figures of real runs and the platform's evaluation, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access
from marketplace.evidence import queries
from marketplace.evidence.figures import figures
from marketplace.models import Health
from marketplace.sandbox.models import EvaluationRun
from tenants.api.views import PublicView

VERSION = OpenApiParameter("version", OpenApiTypes.STR, description="As in 1.2.0; the newest where it is not given.")


class RealRunsOfModelOut(serializers.Serializer[Any]):
    """Runs on one model, or (`model` empty) on all others. Cost in US dollars, time in seconds, the rate from 0 to 1."""

    model = serializers.CharField()
    runs = serializers.IntegerField()
    success_rate = serializers.FloatField()
    cost_median = serializers.FloatField()
    cost_p95 = serializers.FloatField()
    seconds_median = serializers.FloatField()
    seconds_p95 = serializers.FloatField()
    tokens_median = serializers.FloatField()
    tokens_p95 = serializers.FloatField()


class RealRunsOut(serializers.Serializer[Any]):
    """Of the last 90 days; there from 20 runs of 5 workspaces on, and never otherwise."""

    runs = serializers.IntegerField()
    success_rate = serializers.FloatField()
    models = RealRunsOfModelOut(many=True)


class PlatformEvaluationOut(serializers.ModelSerializer[EvaluationRun]):
    """What the platform found with the version's own cases; the interval is Wilson's at 95 %."""

    class Meta:
        model = EvaluationRun
        fields = (
            "provider", "model", "n", "passed", "pass_rate", "ci_low", "ci_high", "threshold", "cost_p50", "cost_p95",
            "seconds_p50", "seconds_p95", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class FiguresOut(serializers.Serializer[Any]):
    version = serializers.CharField()
    health = serializers.ChoiceField(Health.choices)
    real_runs = RealRunsOut(allow_null=True)
    evaluation = PlatformEvaluationOut(allow_null=True)


class FiguresView(PublicView):
    @extend_schema(operation_id="marketplace_figures", parameters=[VERSION], responses=FiguresOut)
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """What real runs and the platform's evaluation say about a version."""
        given = self.filters(("version",))
        ref, tenants = f"{publisher}/{slug}", access.workspaces_of(request.user)
        version = access.find_version(ref, given.get("version", ""), tenants=tenants)
        told = {
            "version": version.semver,
            "health": version.health,
            "real_runs": figures(version),
            "evaluation": queries.newest_report(version),
        }
        return self.answer(told, FiguresOut)

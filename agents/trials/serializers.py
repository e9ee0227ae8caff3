"""Tests of a crew and their trials: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.branching.serializers import PieceOut
from projects.models import KeptRun, Trial


class KeepIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)


class KeptOut(serializers.ModelSerializer[KeptRun]):
    """`last_status` is of the newest trial, null before the first."""

    run = serializers.UUIDField(source="run_id")
    crew = serializers.UUIDField(source="subject_id")
    inputs = serializers.DictField(source="run.inputs")
    last_status = serializers.CharField(allow_null=True, default=None)
    last_at = serializers.DateTimeField(allow_null=True, default=None)

    class Meta:
        model = KeptRun
        fields = ("id", "name", "run", "crew", "inputs", "kept_by", "created_at", "last_status", "last_at")


class TryIn(serializers.Serializer[Any]):
    """`tests` names some of the crew's tests; without it all are tried."""

    mode = serializers.ChoiceField(Trial.Mode.choices, required=False, default=Trial.Mode.RECORDED)
    tests = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=100)


class TrialLineOut(serializers.ModelSerializer[Trial]):
    test = serializers.UUIDField(source="kept_id")
    name = serializers.CharField(source="kept.name")
    kept_run = serializers.UUIDField(source="kept.run_id")
    run = serializers.UUIDField(source="run_id", allow_null=True)

    class Meta:
        model = Trial
        fields = ("id", "batch_id", "test", "name", "kept_run", "mode", "status", "detail", "run", "started_by", "created_at", "finished_at")  # fmt: skip


class TaskVerdictOut(serializers.Serializer[Any]):
    """`prompt_diff` leads from what was asked then to what is asked now, `output_diff` likewise."""

    task = serializers.CharField()
    verdict = serializers.ChoiceField(
        ["same", "changed_prompt", "output_differs", "off_record", "not_reached", "new", "gone"]
    )
    detail = serializers.CharField()
    prompt_diff = PieceOut(many=True)
    output_diff = PieceOut(many=True)
    calls = serializers.IntegerField(required=False)
    calls_changed = serializers.IntegerField(required=False)
    defined_otherwise = serializers.ListField(child=serializers.CharField(), required=False)
    tokens = serializers.IntegerField(required=False)
    cost = serializers.DecimalField(max_digits=12, decimal_places=6, required=False)


class TrialOut(TrialLineOut):
    report = TaskVerdictOut(many=True)

    class Meta(TrialLineOut.Meta):
        fields = (*TrialLineOut.Meta.fields, "report")  # type: ignore[assignment]


class BatchOut(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    results = TrialLineOut(many=True)

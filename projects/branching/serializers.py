"""Families of runs and comparisons, as they are shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.branching.family import Relative
from projects.models import Run
from projects.serializers import UsageOut


class RelativeOut(serializers.Serializer[Relative]):
    """A run in its family. `depth` counts from the root, which comes first; every run comes before its branches."""

    id = serializers.UUIDField(source="run.id")
    parent = serializers.UUIDField(source="run.parent_id", allow_null=True)  # type: ignore[assignment]  # a field, not the serializer above it
    depth = serializers.IntegerField()
    title = serializers.CharField(source="run.title")
    origin = serializers.ChoiceField(Run.Origin.choices, source="run.origin")
    branch_task = serializers.CharField(source="run.branch_task")
    edits = serializers.DictField(source="run.edits")
    status = serializers.ChoiceField(Run.Status.choices, source="run.status")
    stop_reason = serializers.CharField(source="run.stop_reason")
    usage = UsageOut(source="run")
    started_by = serializers.CharField(source="run.started_by")
    created_at = serializers.DateTimeField(source="run.created_at")
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True)


class FamilyOut(serializers.Serializer[Any]):
    results = RelativeOut(many=True)


class FiguresOut(serializers.Serializer[Any]):
    """`cost` in US dollars, `seconds` of work for a task, of wall clock for a run."""

    tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=6)
    seconds = serializers.FloatField()


class PieceOut(serializers.Serializer[Any]):
    """`same` is in both, `removed` only in a, `added` only in b."""

    change = serializers.ChoiceField(["same", "added", "removed"])
    text = serializers.CharField()


class PartOut(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["done", "taken_over", "edited", "missing"])
    agent = serializers.CharField()
    model = serializers.CharField()
    figures = FiguresOut()


class TaskPairOut(serializers.Serializer[Any]):
    """`delta` is b less a; `defined_otherwise` names what differs in the task's definition."""

    task = serializers.CharField()
    a = PartOut(source="first")
    b = PartOut(source="second")
    delta = FiguresOut()
    same = serializers.BooleanField()
    defined_otherwise = serializers.ListField(child=serializers.CharField())
    diff = PieceOut(many=True)


class SideOut(serializers.ModelSerializer[Run]):
    class Meta:
        model = Run
        fields = ("id", "title", "status", "stop_reason", "origin", "parent", "provider", "model", "created_at")


class ComparisonOut(serializers.Serializer[Any]):
    a = SideOut(source="first")
    b = SideOut(source="second")
    tasks = TaskPairOut(many=True)
    totals = serializers.SerializerMethodField()
    same_output = serializers.BooleanField()
    diff = PieceOut(many=True)

    def get_totals(self, found: Any) -> dict[str, Any]:
        named = {"a": found.first_figures, "b": found.second_figures, "delta": found.delta}
        return {name: FiguresOut(figures).data for name, figures in named.items()}

"""Questions: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.asking.words import ACTIONS
from projects.models import Question


class DecisionIn(serializers.Serializer[Any]):
    """`text` for an edit, feedback or a value; `data` for a value that is no text, or a tool's amended arguments."""

    question = serializers.UUIDField()
    action = serializers.ChoiceField(choices=["approve", "edit", "feedback", "reject", "value"])
    text = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    data = serializers.JSONField(required=False, allow_null=True, default=None)  # type: ignore[assignment]


class AssignIn(serializers.Serializer[Any]):
    """`member` is the id of a membership, as in `members/`."""

    member = serializers.UUIDField()


class QuestionOut(serializers.ModelSerializer[Question]):
    run = serializers.UUIDField(source="run_id")
    title = serializers.CharField(source="run.title")
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Question
        fields = (
            "id",
            "run",
            "title",
            "kind",
            "task",
            "agent",
            "text",
            "draft",
            "details",
            "actions",
            "status",
            "deadline_at",
            "at_deadline",
            "remind_at",
            "assignee_id",
            "assignee",
            "answer",
            "answered_by",
            "answered_at",
            "created_at",
        )

    def get_actions(self, question: Question) -> list[str]:
        return list(ACTIONS[question.kind]) if question.status == Question.Status.OPEN else []

"""Branches of runs for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.branches import services
from projects.access import get_run
from projects.serializers import RunOut
from tenants.api import WorkspaceView

TEXTS = {"type": "string"}
EDITS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "inputs": {"type": "object", "additionalProperties": TEXTS},
        "tasks": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": dict.fromkeys(("description", "expected_output", "llm", "output"), TEXTS),
            },
        },
        "agents": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    **dict.fromkeys(("goal", "backstory", "llm"), TEXTS),
                    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                },
            },
        },
    },
}


@extend_schema_field(EDITS)
class EditsField(serializers.DictField):
    """Read by `agents.branches.edits`, which names every path that does not fit."""


class BranchIn(serializers.Serializer[Any]):
    """`task` is the first that is done anew. A task with an `output` is not done: the run goes on after it."""

    task = serializers.CharField(max_length=120)
    edits = EditsField(required=False, default=dict)


class BranchRunView(WorkspaceView):
    """Run again from any task of an ended run, with other texts, models, inputs or outputs; what came before is taken over."""

    @extend_schema(operation_id="runs_branch", request=BranchIn, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        run = get_run(self.member, run_id)
        given = self.read(BranchIn)
        fresh = services.branch_from(run=run, task=given["task"], edits=given["edits"], by=self.member)
        return self.answer(fresh, RunOut, 202)

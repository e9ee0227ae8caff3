"""Replays for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import get_run
from projects.replaying import services
from projects.serializers import RunOut
from tenants.api import WorkspaceView


class ReplayView(WorkspaceView):
    """Play a finished run again from its record: the same outputs, no calls, no costs."""

    @extend_schema(operation_id="runs_replay", request=None, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        return self.answer(services.replay_run(run=get_run(self.member, run_id), by=self.member), RunOut, 202)

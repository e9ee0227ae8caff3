"""Schedules for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.access import get_crew
from agents.schedules import access, services
from agents.schedules.models import Schedule
from agents.schedules.serializers import ScheduleChange, ScheduleIn, ScheduleOut
from projects.access import get_project
from tenants.api import WorkspaceView


class SchedulesView(WorkspaceView):
    @extend_schema(operation_id="schedules_list", responses=ScheduleOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(Schedule.objects.all(), ScheduleOut)

    @extend_schema(operation_id="schedules_create", request=ScheduleIn, responses={201: ScheduleOut})
    def post(self, request: Request) -> Response:
        """Run a crew at set times."""
        given = self.read(ScheduleIn)
        crew, project_id = get_crew(self.member, given.pop("crew")), given.pop("project", None)
        project = get_project(self.member, project_id) if project_id else None
        made = services.create_schedule(crew=crew, project=project, fields=given, by=self.member)
        return self.answer(made, ScheduleOut, 201)


class ScheduleView(WorkspaceView):
    @extend_schema(operation_id="schedules_read", responses=ScheduleOut)
    def get(self, request: Request, schedule_id: UUID) -> Response:
        return self.answer(access.get_schedule(self.member, schedule_id), ScheduleOut)

    @extend_schema(operation_id="schedules_update", request=ScheduleChange, responses=ScheduleOut)
    def patch(self, request: Request, schedule_id: UUID) -> Response:
        schedule = self.check_match(access.get_schedule(self.member, schedule_id), ScheduleOut)
        changes = self.read(ScheduleChange, partial=True)
        return self.answer(services.update_schedule(schedule=schedule, changes=changes, by=self.member), ScheduleOut)

    @extend_schema(operation_id="schedules_delete", responses={204: None})
    def delete(self, request: Request, schedule_id: UUID) -> Response:
        schedule = self.check_match(access.get_schedule(self.member, schedule_id), ScheduleOut)
        services.delete_schedule(schedule=schedule, by=self.member)
        return Response(status=204)

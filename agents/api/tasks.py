"""Tasks of crews for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, queries, services
from agents.models import Task
from agents.serializers import TaskChange, TaskIn, TaskOut
from tenants.api import WorkspaceView
from tenants.api.filters import check_uuid


class TasksView(WorkspaceView):
    """Tasks of all crews, or with `crew` of one; a new task comes last."""

    @extend_schema(
        operation_id="tasks_list",
        responses=TaskOut(many=True),
        parameters=[OpenApiParameter("crew", OpenApiTypes.UUID)],
    )
    def get(self, request: Request) -> Response:
        crew = self.filters({"crew"}).get("crew")
        check_uuid("crew", crew)
        return self.page(queries.tasks(crew=crew), TaskOut)

    @extend_schema(operation_id="tasks_create", request=TaskIn, responses={201: TaskOut})
    def post(self, request: Request) -> Response:
        fields = self.read(TaskIn)
        return self.answer(services.create_task(crew=fields.pop("crew"), fields=fields, by=self.member), TaskOut, 201)


class TaskView(WorkspaceView):
    """One task. `position` moves it; a new name is carried into the tasks that wait for it."""

    @extend_schema(operation_id="tasks_read", responses=TaskOut)
    def get(self, request: Request, task_id: UUID) -> Response:
        return self.answer(access.get_task(self.member, task_id), TaskOut)

    @extend_schema(operation_id="tasks_update", request=TaskChange, responses=TaskOut)
    def patch(self, request: Request, task_id: UUID) -> Response:
        task: Task = self.check_match(access.get_task(self.member, task_id), TaskOut)
        changes = self.read(TaskChange, partial=True)
        return self.answer(services.update_task(task=task, changes=changes, by=self.member), TaskOut)

    @extend_schema(operation_id="tasks_delete", responses={204: None})
    def delete(self, request: Request, task_id: UUID) -> Response:
        task = self.check_match(access.get_task(self.member, task_id), TaskOut)
        services.delete_task(task=task, by=self.member)
        return Response(status=204)

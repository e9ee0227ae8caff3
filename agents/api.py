"""Agents, tools, tasks and crews for programs, and starting runs of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, queries, services
from agents.models import Agent, Crew, Task
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, TaskSpec
from agents.serializers import (
    AgentIn,
    AgentOut,
    CrewChange,
    CrewIn,
    CrewLineOut,
    CrewOut,
    ExportOut,
    ImportIn,
    ImportOut,
    RunIn,
    TaskChange,
    TaskIn,
    TaskOut,
)
from projects.access import get_project
from projects.api import RunsView
from projects.serializers import RunOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


class AgentsView(WorkspaceView):
    """Agents of this workspace; several crews may share one."""

    @extend_schema(operation_id="agents_list", responses=AgentOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.agents(), AgentOut)

    @extend_schema(operation_id="agents_create", request=AgentIn, responses={201: AgentOut})
    def post(self, request: Request) -> Response:
        return self.answer(services.create_agent(fields=self.read(AgentIn), by=self.member), AgentOut, 201)


class AgentView(WorkspaceView):
    """One agent. A change counts in every crew that it serves, from the next run on."""

    @extend_schema(operation_id="agents_read", responses=AgentOut)
    def get(self, request: Request, agent_id: UUID) -> Response:
        return self.answer(access.get_agent(self.member, agent_id), AgentOut)

    @extend_schema(operation_id="agents_update", request=AgentIn, responses=AgentOut)
    def patch(self, request: Request, agent_id: UUID) -> Response:
        agent: Agent = self.check_match(access.get_agent(self.member, agent_id), AgentOut)
        changes = self.read(AgentIn, partial=True)
        return self.answer(services.update_agent(agent=agent, changes=changes, by=self.member), AgentOut)

    @extend_schema(operation_id="agents_delete", responses={204: None})
    def delete(self, request: Request, agent_id: UUID) -> Response:
        agent = self.check_match(access.get_agent(self.member, agent_id), AgentOut)
        services.delete_agent(agent=agent, by=self.member)
        return Response(status=204)


class TasksView(WorkspaceView):
    """Tasks of all crews, or with `crew` of one; a new task comes last."""

    @extend_schema(
        operation_id="tasks_list",
        responses=TaskOut(many=True),
        parameters=[OpenApiParameter("crew", OpenApiTypes.UUID)],
    )
    def get(self, request: Request) -> Response:
        crew = self.filters({"crew"}).get("crew")
        return self.page(queries.tasks(crew=_uuid("crew", crew)), TaskOut)

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


class CrewsView(WorkspaceView):
    """Crews, and making one with its agents and tasks, whole or not at all."""

    @extend_schema(operation_id="crews_list", responses=CrewLineOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.crews(), CrewLineOut)

    @extend_schema(operation_id="crews_create", request=CrewIn, responses={201: CrewOut})
    def post(self, request: Request) -> Response:
        given = self.read(CrewIn)
        description = given.pop("description", "")
        crew = services.create_crew(spec=_spec(given), description=description, by=self.member)
        return self.answer(queries.whole_crew(crew), CrewOut, 201)


class CrewView(WorkspaceView):
    """One crew with its agents, tasks and inputs."""

    @extend_schema(operation_id="crews_read", responses=CrewOut)
    def get(self, request: Request, crew_id: UUID) -> Response:
        return self.answer(queries.whole_crew(access.get_crew(self.member, crew_id)), CrewOut)

    @extend_schema(operation_id="crews_update", request=CrewChange, responses=CrewOut)
    def patch(self, request: Request, crew_id: UUID) -> Response:
        crew: Crew = self.check_match(access.get_crew(self.member, crew_id), CrewOut)
        changes = self.read(CrewChange, partial=True)
        return self.answer(
            queries.whole_crew(services.update_crew(crew=crew, changes=changes, by=self.member)), CrewOut
        )

    @extend_schema(operation_id="crews_delete", responses={204: None})
    def delete(self, request: Request, crew_id: UUID) -> Response:
        crew = self.check_match(access.get_crew(self.member, crew_id), CrewOut)
        services.delete_crew(crew=crew, by=self.member)
        return Response(status=204)


class ImportCrewView(WorkspaceView):
    """CrewAI's `agents.yaml` and `tasks.yaml`, as JSON texts or as uploads, made into a crew."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(operation_id="crews_import", request=ImportIn, responses={201: ImportOut})
    def post(self, request: Request) -> Response:
        brought = services.import_crew(**self.read(ImportIn), by=self.member)
        whole = services.Brought(queries.whole_crew(brought.crew), brought.notices)
        return self.answer(whole, ImportOut, 201)


class ExportCrewView(WorkspaceView):
    """The crew as CrewAI's `agents.yaml` and `tasks.yaml`."""

    @extend_schema(operation_id="crews_export", responses=ExportOut)
    def get(self, request: Request, crew_id: UUID) -> Response:
        return self.answer(services.export_crew(crew=access.get_crew(self.member, crew_id)), ExportOut)


class StartRunsView(RunsView):
    """The list of runs, and starting one."""

    @extend_schema(operation_id="runs_start", request=RunIn, responses={202: RunOut})
    def post(self, request: Request) -> Response:
        wish = self.read(RunIn)
        crew_id, agent_id = wish.get("crew"), wish.get("agent")
        project = get_project(self.member, wish["project"]) if wish.get("project") else None
        common: dict[str, Any] = {
            "inputs": wish.get("inputs", {}),
            "project": project,
            "seconds_allowed": wish.get("seconds_allowed"),
            "by": self.member,
        }
        if (crew_id is None) == (agent_id is None):
            detail = "Name what shall run: either a crew or an agent."
            raise Invalid(detail, errors=[FieldError("crew", "one_of", detail)])
        if crew_id is not None:
            run = services.start_crew_run(crew=access.get_crew(self.member, crew_id), **common)
        else:
            run = services.start_agent_run(agent=access.get_agent(self.member, agent_id), **common)  # type: ignore[arg-type]
        return self.answer(run, RunOut, 202)


def _spec(given: Mapping[str, Any]) -> CrewSpec:
    """A validated body as a specification; its sentences come from the checks."""
    return CrewSpec(
        **{name: given[name] for name in ("name", "process", "manager", "manager_llm") if name in given},
        inputs=tuple(InputSpec(**each) for each in given.get("inputs", ())),
        agents=tuple(AgentSpec(**each) for each in given.get("agents", ())),
        tasks=tuple(TaskSpec(**each) for each in given.get("tasks", ())),
    )


def _uuid(name: str, value: str | None) -> str | None:
    try:
        return None if value is None else str(UUID(value))
    except ValueError:
        detail = "An id is a UUID."
        raise Invalid(detail, errors=[FieldError(name, "uuid", detail)]) from None

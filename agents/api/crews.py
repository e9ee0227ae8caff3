"""Crews for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, queries, services
from agents.models import Crew
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, TaskSpec
from agents.serializers import CrewChange, CrewIn, CrewLineOut, CrewOut, ExportOut, ImportIn, ImportOut
from tenants.api import WorkspaceView

PLAIN = ("name", "process", "manager", "manager_llm", "max_parallel", "max_rounds", "limits", "trust_outside_content")


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
    """CrewAI's `agents.yaml` and `tasks.yaml`, as JSON texts or as uploads, made into a crew; an export's `crew.yaml` completes it."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(operation_id="crews_import", request=ImportIn, responses={201: ImportOut})
    def post(self, request: Request) -> Response:
        brought = services.import_crew(**self.read(ImportIn), by=self.member)
        whole = services.Brought(queries.whole_crew(brought.crew), brought.notices)
        return self.answer(whole, ImportOut, 201)


class ExportCrewView(WorkspaceView):
    """The crew as CrewAI's `agents.yaml` and `tasks.yaml`, with what those cannot say in `crew.yaml`. Imported again it is the same."""

    @extend_schema(operation_id="crews_export", responses=ExportOut)
    def get(self, request: Request, crew_id: UUID) -> Response:
        return self.answer(services.export_crew(crew=access.get_crew(self.member, crew_id)), ExportOut)


def _spec(given: Mapping[str, Any]) -> CrewSpec:
    """A validated body as a specification; its sentences come from the checks."""
    return CrewSpec(
        **{name: given[name] for name in PLAIN if name in given},
        inputs=tuple(InputSpec(**each) for each in given.get("inputs", ())),
        agents=tuple(AgentSpec(**each) for each in given.get("agents", ())),
        tasks=tuple(TaskSpec(**each) for each in given.get("tasks", ())),
    )

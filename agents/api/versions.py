"""Versions of crews and agents for programs."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, queries, services
from agents.models import Agent, Crew, DefinitionVersion
from agents.serializers import CrewOut, VersionLineOut, VersionOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid

AGAINST = OpenApiParameter("against", int, description="Compare with this version instead of the one before.")


class _Versions(WorkspaceView):
    kind: ClassVar[str]

    def page_of(self, subject: Crew | Agent) -> Response:
        self.filters(())
        found = DefinitionVersion.objects.filter(kind=self.kind, subject_id=subject.pk)
        return self.page(found, VersionLineOut, ordering=("-number",))


class _Version(WorkspaceView):
    kind: ClassVar[str]

    def one_of(self, subject: Crew | Agent, number: int) -> Response:
        version = services.get_version(self.kind, subject.pk, number)
        against = self._against(subject, number)
        found = services.differences(against.definition, version.definition) if against else []
        context = {"against": against, "differences": found}
        return Response(VersionOut(version, context=context).data)

    def _against(self, subject: Crew | Agent, number: int) -> DefinitionVersion | None:
        wanted = self.filters({"against"}).get("against")
        if wanted is None:
            found = DefinitionVersion.objects.filter(kind=self.kind, subject_id=subject.pk, number__lt=number)
            return found.order_by("-number").first()
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
            detail = "A version is a whole number."
            raise Invalid(detail, errors=[FieldError("against", "invalid", detail)])
        return services.get_version(self.kind, subject.pk, int(wanted))


class CrewVersionsView(_Versions):
    kind = "crew"

    @extend_schema(operation_id="crews_versions", responses=VersionLineOut(many=True))
    def get(self, request: Request, crew_id: UUID) -> Response:
        """Newest first. Every change of the crew, its agents or its tasks made one."""
        return self.page_of(access.get_crew(self.member, crew_id))


class CrewVersionView(_Version):
    kind = "crew"

    @extend_schema(operation_id="crews_version", responses=VersionOut, parameters=[AGAINST])
    def get(self, request: Request, crew_id: UUID, number: int) -> Response:
        return self.one_of(access.get_crew(self.member, crew_id), number)


class RestoreCrewView(WorkspaceView):
    @extend_schema(operation_id="crews_restore", request=None, responses=CrewOut)
    def post(self, request: Request, crew_id: UUID, number: int) -> Response:
        """Bring this version back, as a new one."""
        crew = services.restore_crew(crew=access.get_crew(self.member, crew_id), number=number, by=self.member)
        return self.answer(queries.whole_crew(crew), CrewOut)


class AgentVersionsView(_Versions):
    kind = "agent"

    @extend_schema(operation_id="agents_versions", responses=VersionLineOut(many=True))
    def get(self, request: Request, agent_id: UUID) -> Response:
        return self.page_of(access.get_agent(self.member, agent_id))


class AgentVersionView(_Version):
    kind = "agent"

    @extend_schema(operation_id="agents_version", responses=VersionOut, parameters=[AGAINST])
    def get(self, request: Request, agent_id: UUID, number: int) -> Response:
        return self.one_of(access.get_agent(self.member, agent_id), number)

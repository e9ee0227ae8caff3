"""Agents for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, queries, services
from agents.models import Agent
from agents.serializers import AgentIn, AgentOut
from tenants.api import WorkspaceView


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

"""The library for programs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import services
from agents.execution.hiring import library
from agents.library.frame.loading import listed
from agents.serializers import AgentOut, LibraryAgentIn, LibraryAgentOut, LibraryOut, LibraryProblemOut
from tenants.api import WorkspaceView


class LibraryView(WorkspaceView):
    """The agents that come with this installation as classes."""

    @extend_schema(operation_id="library_list", responses=LibraryOut)
    def get(self, request: Request) -> Response:
        self.filters(())
        shown = LibraryAgentOut(library().catalogue(), many=True)  # type: ignore[arg-type]  # the stubs think of rows
        problems = LibraryProblemOut(library().shelf().problems, many=True)
        return Response({"next": None, "previous": None, "results": shown.data, "problems": problems.data})


class LibraryAgentView(WorkspaceView):
    """One of them, and taking it into the workspace as an agent that can be run alone or put into crews."""

    @extend_schema(operation_id="library_read", responses=LibraryAgentOut)
    def get(self, request: Request, agent_class: str) -> Response:
        services.class_called(agent_class)
        return Response(LibraryAgentOut(listed(library().shelf().agents[agent_class])).data)

    @extend_schema(operation_id="library_take", request=LibraryAgentIn, responses={201: AgentOut})
    def post(self, request: Request, agent_class: str) -> Response:
        called = self.read(LibraryAgentIn).get("name", "")
        return self.answer(services.take_agent(name=agent_class, called=called, by=self.member), AgentOut, 201)

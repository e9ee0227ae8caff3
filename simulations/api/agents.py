"""Who is in a play, and what was decided."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.access import get_simulation
from simulations.api.filters import choice_of, number_of
from simulations.models import Decision
from simulations.models.decisions import SOURCES
from simulations.reading.agents import MOST_AGENTS, agent_at, agents_at
from simulations.reading.serializers import AgentCardOut, AgentPageOut, DecisionOut
from tenants.api import WorkspaceView

STEP = OpenApiParameter("step", int, description="The newest stored one, if not given.")


class AgentsView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_agents",
        responses=AgentPageOut,
        parameters=[STEP, OpenApiParameter("from", int, description="The number of the first agent wanted.")],
    )
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """At most 500 agents as they were at a step. 404 until the first step is stored."""
        given = self.filters({"step", "from"})
        simulation = get_simulation(self.member, simulation_id)
        step = number_of("step", given["step"]) if "step" in given else None
        first = number_of("from", given.get("from", "0"))
        return Response(AgentPageOut(agents_at(simulation, step=step, first=first, most=MOST_AGENTS)).data)


class AgentView(WorkspaceView):
    @extend_schema(operation_id="simulations_agent", responses=AgentCardOut, parameters=[STEP])
    def get(self, request: Request, simulation_id: UUID, agent: int) -> Response:
        """One agent: its state, what changed in the 50 steps before, its last decision with what was asked and answered."""
        given = self.filters({"step"})
        simulation = get_simulation(self.member, simulation_id)
        step = number_of("step", given["step"]) if "step" in given else None
        return Response(AgentCardOut(agent_at(simulation, agent, step=step)).data)


class DecisionsView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_decisions",
        responses=DecisionOut(many=True),
        parameters=[OpenApiParameter("step", int), OpenApiParameter("source", str, enum=SOURCES)],
    )
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """Every decision that did not come from a rule, newest first."""
        given = self.filters({"step", "source"})
        found = Decision.objects.filter(simulation=get_simulation(self.member, simulation_id))
        if "step" in given:
            found = found.filter(step=number_of("step", given["step"]))
        if "source" in given:
            found = found.filter(source=choice_of("source", given["source"], SOURCES))
        return self.page(found, DecisionOut, ordering=("-id",))

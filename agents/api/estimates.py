"""What a run would take, for programs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access
from agents.llm.types import Image
from agents.serializers.estimates import EstimateIn, EstimateOut
from agents.services import estimates
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


class EstimateView(WorkspaceView):
    """Calls, tokens, cost and time of a run that has not started."""

    @extend_schema(operation_id="runs_estimate", request=EstimateIn, responses=EstimateOut)
    def post(self, request: Request) -> Response:
        wish = self.read(EstimateIn)
        crew, agent, inputs = wish.get("crew"), wish.get("agent"), wish.get("inputs", {})
        shown = [Image("", b"", size["width"], size["height"]) for size in wish.get("pictures", ())]
        if (crew is None) == (agent is None):
            detail = "Name what shall run: either a crew or an agent."
            raise Invalid(detail, errors=[FieldError("crew", "one_of", detail)])
        if crew is not None:
            found = estimates.estimate_crew(crew=access.get_crew(self.member, crew), inputs=inputs, pictures=shown)
        else:
            asked = access.get_agent(self.member, wish["agent"])
            found = estimates.estimate_agent(agent=asked, inputs=inputs, pictures=shown)
        return Response(EstimateOut(found).data)

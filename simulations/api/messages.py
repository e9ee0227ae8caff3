"""What agents of a play said to one another."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.protocol.errors import BadMessage
from agents.protocol.topics import check_topic
from simulations.access import get_simulation
from simulations.api.filters import number_of, refused
from simulations.reading.messages import Wanted, messages_of
from simulations.reading.serializers import PlayMessageOut
from tenants.api import WorkspaceView


class MessagesView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_messages",
        responses=PlayMessageOut(many=True),
        parameters=[
            OpenApiParameter("agent", int, description="Said by this agent, or to it alone."),
            OpenApiParameter("topic", str),
            OpenApiParameter("from", int, description="First step wanted."),
            OpenApiParameter("to", int, description="Last step wanted."),
        ],
    )
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """In the order in which it was said. Of a step at most 200 messages are kept, of a play 20,000; `said_cut_at` of the simulation is the first step that lacks some."""
        wanted = _wanted(self.filters({"agent", "topic", "from", "to"}))
        found = messages_of(get_simulation(self.member, simulation_id), wanted)
        return self.page(found, PlayMessageOut, ordering=("id",))


def _wanted(given: Mapping[str, str]) -> Wanted:
    numbers = {name: number_of(name, given[name]) for name in ("agent", "from", "to") if name in given}
    return Wanted(numbers.get("agent"), _topic(given), numbers.get("from"), numbers.get("to"))


def _topic(given: Mapping[str, str]) -> str | None:
    try:
        return check_topic(given["topic"]) if "topic" in given else None
    except BadMessage as fault:
        raise refused("topic", "topic", fault.detail) from None

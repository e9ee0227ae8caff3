"""Conversations for programs: say something, read it all, complete it."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.chat import queries, services
from simulations.chat.access import get_conversation, spec_of
from simulations.chat.serializers import ExchangeOut, HistoryOut, SayIn
from simulations.models import Simulation, Turn
from tenants.api import WorkspaceView


class ChatView(WorkspaceView):
    """Say something. The answer is written by a run: read it in `history/`, or watch the topic `run:<id>`."""

    @extend_schema(operation_id="simulations_chat", request=SayIn, responses={202: ExchangeOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = get_conversation(self.member, simulation_id)
        turn = services.say(simulation=simulation, message=self.read(SayIn)["message"], by=self.member)
        return _exchange(self, simulation, turn)


class HistoryView(WorkspaceView):
    """All that was said, who said it, and what it took."""

    @extend_schema(operation_id="simulations_history", responses=HistoryOut)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        self.filters(())
        simulation = get_conversation(self.member, simulation_id)
        return self.answer(queries.conversation(simulation), HistoryOut)


class CompleteView(WorkspaceView):
    """End the conversation; an observer writes what was reached, to be read in `history/` under `results`."""

    @extend_schema(operation_id="simulations_complete", request=None, responses={202: ExchangeOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = get_conversation(self.member, simulation_id)
        return _exchange(self, simulation, services.complete(simulation=simulation, by=self.member))


def _exchange(view: WorkspaceView, simulation: Simulation, turn: Turn) -> Response:
    [exchange] = queries.exchanges_of(spec_of(simulation), [turn])
    return view.answer(exchange, ExchangeOut, 202)

"""Taking part in a play, for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.access import get_simulation
from simulations.interventions import access, services
from simulations.interventions.serializers import (
    InjectionIn,
    InterventionOut,
    SeatAnswerIn,
    SeatIn,
    SeatOut,
    SeatsOut,
)
from simulations.interventions.waiting import questions_of
from tenants.api import WorkspaceView


class InjectView(WorkspaceView):
    """What was done to this play from outside."""

    @extend_schema(operation_id="simulations_interventions", responses=InterventionOut(many=True))
    def get(self, request: Request, simulation_id: UUID) -> Response:
        self.filters(())
        found = get_simulation(self.member, simulation_id).interventions.all()
        return self.page(found, InterventionOut, ordering=("number",))

    @extend_schema(operation_id="simulations_inject", request=InjectionIn, responses={202: InterventionOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = get_simulation(self.member, simulation_id)
        given = services.Injection(**self.read(InjectionIn))
        return self.answer(services.inject(simulation=simulation, given=given, by=self.member), InterventionOut, 202)


class SeatsView(WorkspaceView):
    """Who sits in the place of an agent, and what is asked of people now."""

    @extend_schema(operation_id="simulations_seats", responses=SeatsOut)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        self.filters(())
        simulation = get_simulation(self.member, simulation_id)
        found = {"seats": simulation.seats.filter(left_at=None), "questions": questions_of(simulation)}
        return Response(SeatsOut(found).data)

    @extend_schema(operation_id="simulations_seats_take", request=SeatIn, responses={201: SeatOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = get_simulation(self.member, simulation_id)
        seat = services.take_seat(simulation=simulation, by=self.member, **self.read(SeatIn))
        return self.answer(seat, SeatOut, 201)


class SeatView(WorkspaceView):
    @extend_schema(operation_id="simulations_seats_leave", responses={204: None})
    def delete(self, request: Request, simulation_id: UUID, seat_id: UUID) -> Response:
        seat = access.get_seat(get_simulation(self.member, simulation_id), seat_id)
        services.leave_seat(seat=seat, by=self.member)
        return Response(status=204)


class AnswerView(WorkspaceView):
    @extend_schema(operation_id="simulations_seats_answer", request=SeatAnswerIn, responses={202: InterventionOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        """Decide for an agent that the play waits for."""
        simulation = get_simulation(self.member, simulation_id)
        made = services.answer_question(simulation=simulation, by=self.member, **self.read(SeatAnswerIn))
        return self.answer(made, InterventionOut, 202)

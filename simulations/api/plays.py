"""Plays: begin them, watch over them, end them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import access, services
from simulations.api.filters import choice_of, uuid_of
from simulations.models import Simulation
from simulations.serializers import SimulationChange, SimulationIn, SimulationOut
from tenants.api import WorkspaceView


class SimulationsView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_list",
        responses=SimulationOut(many=True),
        parameters=[
            OpenApiParameter("status", str, enum=Simulation.Status.values),
            OpenApiParameter("scenario", OpenApiTypes.UUID),
        ],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"status", "scenario"})
        found = access.simulations(self.member)
        if "status" in given:
            found = found.filter(status=choice_of("status", given["status"], Simulation.Status.values))
        if "scenario" in given:
            found = found.filter(scenario_id=uuid_of("scenario", given["scenario"]))
        return self.page(found, SimulationOut)

    @extend_schema(operation_id="simulations_create", request=SimulationIn, responses={202: SimulationOut})
    def post(self, request: Request) -> Response:
        given = self.read(SimulationIn)
        scenario = access.get_scenario(self.member, given.pop("scenario"))
        start = given.pop("start")
        simulation = services.create_simulation(
            scenario=scenario, settings=services.Settings(**given), start=start, by=self.member
        )
        return self.answer(simulation, SimulationOut, 202)


class SimulationView(WorkspaceView):
    @extend_schema(operation_id="simulations_read", responses=SimulationOut)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        return self.answer(access.get_simulation(self.member, simulation_id), SimulationOut)

    @extend_schema(operation_id="simulations_update", request=SimulationChange, responses=SimulationOut)
    def patch(self, request: Request, simulation_id: UUID) -> Response:
        simulation = self.check_match(access.get_simulation(self.member, simulation_id), SimulationOut)
        changes = self.read(SimulationChange, partial=True)
        changed = services.set_pace(simulation=simulation, pace=changes.get("pace", simulation.pace), by=self.member)
        return self.answer(changed, SimulationOut)

    @extend_schema(operation_id="simulations_delete", responses={204: None})
    def delete(self, request: Request, simulation_id: UUID) -> Response:
        simulation = self.check_match(access.get_simulation(self.member, simulation_id), SimulationOut)
        services.delete_simulation(simulation=simulation, by=self.member)
        return Response(status=204)


class ControlView(WorkspaceView):
    """One control of a play; a subclass names the service."""

    control: ClassVar[Callable[..., Simulation]]

    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = access.get_simulation(self.member, simulation_id)
        return self.answer(type(self).control(simulation=simulation, by=self.member), SimulationOut, 202)


@extend_schema_view(post=extend_schema(operation_id="simulations_pause", request=None, responses={202: SimulationOut}))
class PauseView(ControlView):
    control = staticmethod(services.pause_simulation)


@extend_schema_view(post=extend_schema(operation_id="simulations_resume", request=None, responses={202: SimulationOut}))
class ResumeView(ControlView):
    control = staticmethod(services.resume_simulation)


@extend_schema_view(post=extend_schema(operation_id="simulations_step", request=None, responses={202: SimulationOut}))
class StepView(ControlView):
    control = staticmethod(services.step_simulation)


@extend_schema_view(post=extend_schema(operation_id="simulations_stop", request=None, responses={202: SimulationOut}))
class StopView(ControlView):
    control = staticmethod(services.stop_simulation)

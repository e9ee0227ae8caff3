"""Scenarios and simulations for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import access, queries, services
from simulations.library import metric_names
from simulations.models import Simulation
from simulations.serializers import (
    FramesOut,
    ScenarioChange,
    ScenarioIn,
    ScenarioOut,
    SimulationChange,
    SimulationIn,
    SimulationOut,
)
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid

MOST_DIGITS = 9


class ScenariosView(WorkspaceView):
    @extend_schema(operation_id="scenarios_list", responses=ScenarioOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(access.scenarios(self.member), ScenarioOut)

    @extend_schema(operation_id="scenarios_add", request=ScenarioIn, responses={201: ScenarioOut})
    def post(self, request: Request) -> Response:
        new = services.NewScenario(**self.read(ScenarioIn))
        return self.answer(services.add_scenario(new=new, by=self.member), ScenarioOut, 201)


class ScenarioView(WorkspaceView):
    @extend_schema(operation_id="scenarios_read", responses=ScenarioOut)
    def get(self, request: Request, scenario_id: UUID) -> Response:
        return self.answer(access.get_scenario(self.member, scenario_id), ScenarioOut)

    @extend_schema(operation_id="scenarios_update", request=ScenarioChange, responses=ScenarioOut)
    def patch(self, request: Request, scenario_id: UUID) -> Response:
        scenario = self.check_match(access.get_scenario(self.member, scenario_id), ScenarioOut)
        changes = self.read(ScenarioChange, partial=True)
        return self.answer(services.change_scenario(scenario=scenario, changes=changes, by=self.member), ScenarioOut)

    @extend_schema(operation_id="scenarios_remove", responses={204: None})
    def delete(self, request: Request, scenario_id: UUID) -> Response:
        scenario = self.check_match(access.get_scenario(self.member, scenario_id), ScenarioOut)
        services.remove_scenario(scenario=scenario, by=self.member)
        return Response(status=204)


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
            found = found.filter(status=_choice("status", given["status"], Simulation.Status.values))
        if "scenario" in given:
            found = found.filter(scenario_id=_uuid("scenario", given["scenario"]))
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


class FramesView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_frames",
        responses=FramesOut,
        parameters=[
            OpenApiParameter(
                "from", int, description="First step wanted; the answer begins at the keyframe at or before it."
            ),
            OpenApiParameter("to", int, description="Last step wanted."),
        ],
    )
    def get(self, request: Request, simulation_id: UUID) -> Response:
        given = self.filters({"from", "to"})
        simulation = access.get_simulation(self.member, simulation_id)
        end = _number("to", given["to"]) if "to" in given else None
        found = queries.pictures(simulation, start=_number("from", given.get("from", "0")), end=end)
        return Response(FramesOut(found).data)


class CsvRenderer(BaseRenderer):
    """Lets content negotiation choose `text/csv`; the view writes by itself, refusals stay JSON."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: object, *_: object, **__: object) -> bytes:
        return JSONRenderer().render(data)


class DataView(WorkspaceView):
    renderer_classes = (JSONRenderer, CsvRenderer)

    @extend_schema(operation_id="simulations_data", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, simulation_id: UUID) -> HttpResponseBase:
        self.filters(())
        simulation = access.get_simulation(self.member, simulation_id)
        lines = "".join(queries.data_lines(simulation, metric_names(simulation)))
        answer = HttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{simulation.key}-{simulation.pk}.csv"'
        return answer


def _choice(name: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise _refused(name, "choice", f"One of {', '.join(known)}.")
    return value


def _uuid(name: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise _refused(name, "uuid", "An id is a UUID.") from None


def _number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > MOST_DIGITS:
        raise _refused(name, "number", "A whole number from 0.")
    return int(value)


def _refused(name: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(name, code, detail)])

"""Scenarios of a workspace."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import access, services
from simulations.serializers import ScenarioChange, ScenarioIn, ScenarioOut
from tenants.api import WorkspaceView


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

"""What a viewer of a play needs beside its frames."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import access, queries
from simulations.happenings import happenings_of
from simulations.serializers import HappeningsOut, HelloOut
from tenants.api import WorkspaceView


class HelloView(WorkspaceView):
    @extend_schema(operation_id="simulations_hello", responses=HelloOut)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """The space, the columns of the frames, the layers, the metrics. 404 until the first step is stored."""
        self.filters(())
        simulation = access.get_simulation(self.member, simulation_id)
        return Response(HelloOut(queries.hello_of(simulation)).data)


class HappeningsView(WorkspaceView):
    @extend_schema(operation_id="simulations_happenings", responses=HappeningsOut)
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """What stands out: decisions that were not the rule's, acts from outside, notes; the newest 200 of each."""
        self.filters(())
        return Response(HappeningsOut(happenings_of(access.get_simulation(self.member, simulation_id))).data)

"""What a play has left: its pictures and its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import access, queries
from simulations.api.filters import number_of
from simulations.library import metric_names
from simulations.models import Simulation
from simulations.reading.tables import csv_pieces
from simulations.serializers import FramesOut
from tenants.api import WorkspaceView


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
        end = number_of("to", given["to"]) if "to" in given else None
        found = queries.pictures(simulation, start=number_of("from", given.get("from", "0")), end=end)
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
        """Metrics and digest of every step, as they stream in."""
        self.filters(())
        simulation = access.get_simulation(self.member, simulation_id)
        pieces = csv_pieces(self.member.schema, simulation, metric_names(simulation))
        return _file(simulation, pieces, "csv", "text/csv; charset=utf-8")


class ParquetRenderer(CsvRenderer):
    media_type = "application/vnd.apache.parquet"
    format = "parquet"


class ParquetView(WorkspaceView):
    renderer_classes = (JSONRenderer, ParquetRenderer)

    @extend_schema(
        operation_id="simulations_parquet",
        responses={(200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, simulation_id: UUID) -> HttpResponseBase:
        """The same as Parquet."""
        from simulations.reading.parquet import parquet_pieces  # noqa: PLC0415 - PyArrow takes 30 MB

        self.filters(())
        simulation = access.get_simulation(self.member, simulation_id)
        pieces = parquet_pieces(self.member.schema, simulation, metric_names(simulation))
        return _file(simulation, pieces, "parquet", ParquetRenderer.media_type)


def _file(simulation: Simulation, pieces: Iterator[bytes], ending: str, media_type: str) -> HttpResponseBase:
    answer = StreamingHttpResponse(pieces, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{simulation.key}-{simulation.pk}.{ending}"'
    return answer

"""Families of runs and comparisons for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import get_run
from projects.branching.comparing import compare
from projects.branching.family import family_of
from projects.branching.serializers import ComparisonOut, FamilyOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


class BranchesView(WorkspaceView):
    """The family of a run: the one that all came from, and every branch, retry and replay below it."""

    @extend_schema(operation_id="runs_branches", responses=FamilyOut)
    def get(self, request: Request, run_id: UUID) -> Response:
        self.filters(())
        return Response(FamilyOut({"results": family_of(get_run(self.member, run_id))}).data)


class CompareView(WorkspaceView):
    """Two runs side by side: per task what each wrote and what it took."""

    @extend_schema(
        operation_id="runs_compare",
        responses=ComparisonOut,
        parameters=[
            OpenApiParameter("a", OpenApiTypes.UUID, required=True),
            OpenApiParameter("b", OpenApiTypes.UUID, required=True),
        ],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"a", "b"})
        first, second = (get_run(self.member, _id(name, given.get(name))) for name in ("a", "b"))
        return self.answer(compare(first, second), ComparisonOut)


def _id(name: str, value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        detail = "Name two runs by their ids: ?a=…&b=…"
        raise Invalid(detail, errors=[FieldError(name, "uuid", detail)]) from None

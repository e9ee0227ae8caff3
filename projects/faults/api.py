"""Errors for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.faults import queries
from projects.faults.models import Category
from projects.faults.serializers import FaultOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid

YES_NO = {"true": True, "false": False}


class FaultsView(WorkspaceView):
    """What went wrong here, newest first, and whether it was put right without a person."""

    @extend_schema(
        operation_id="faults_list",
        responses=FaultOut(many=True),
        parameters=[
            OpenApiParameter("category", str, enum=Category.values),
            OpenApiParameter("recovered", bool),
            OpenApiParameter("run", OpenApiTypes.UUID),
            OpenApiParameter("code", str),
        ],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"category", "recovered", "run", "code"})
        _check("category", given.get("category"), Category.values)
        _check("recovered", given.get("recovered"), list(YES_NO))
        found = queries.faults(
            category=given.get("category"),
            recovered=YES_NO[given["recovered"]] if "recovered" in given else None,
            run=_uuid(given.get("run")),
            code=given.get("code"),
        )
        return self.page(found, FaultOut)


def _check(name: str, value: str | None, known: list[str]) -> None:
    if value is not None and value not in known:
        detail = f"One of {', '.join(known)}."
        raise Invalid(detail, errors=[FieldError(name, "choice", detail)])


def _uuid(value: str | None) -> str | None:
    try:
        return None if value is None else str(UUID(value))
    except ValueError:
        detail = "An id is a UUID."
        raise Invalid(detail, errors=[FieldError("run", "uuid", detail)]) from None

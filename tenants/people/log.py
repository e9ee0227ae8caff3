"""What was done in a workspace, and by whom. Only admins read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import logtable, queries
from tenants.access import require_admin
from tenants.api.filters import check_uuid
from tenants.api.views import WorkspaceView
from tenants.errors import FieldError, Invalid
from tenants.serializers import LogEntryOut
from tenants.wire.rendering import Renderer
from tenants.wire.tables import CsvRenderer


class LogView(WorkspaceView):
    """The log, newest first; with `Accept: text/csv` as a table of the newest 10,000 entries."""

    renderer_classes = (Renderer, CsvRenderer)

    @extend_schema(
        operation_id="audit_list",
        responses={(200, "application/json"): LogEntryOut(many=True), (200, "text/csv"): OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("action", str, description="As in `member.added`, or only its first word."),
            OpenApiParameter("by", OpenApiTypes.UUID, description="Who did it: the id of a person."),
            OpenApiParameter("from", OpenApiTypes.DATE, description="The first day (UTC)."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="The last day (UTC)."),
        ],
    )
    def get(self, request: Request) -> Response | HttpResponse:
        require_admin(self.member)
        entries = queries.log(_wanted(self.filters({"action", "by", "from", "to"})))
        if getattr(request, "accepted_media_type", "") == CsvRenderer.media_type:
            return logtable.as_file(entries)
        return self.page(entries, LogEntryOut)


def _wanted(given: Mapping[str, str]) -> queries.Wanted:
    check_uuid("by", given.get("by"))
    return queries.Wanted(
        action=given.get("action", ""),
        by=UUID(given["by"]) if "by" in given else None,
        first=_day("from", given.get("from")),
        last=_day("to", given.get("to")),
    )


def _day(name: str, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        found = parse_date(given)
    except ValueError:
        found = None
    if found is None or found == date.max:
        detail = "A day as in 2026-01-31."
        raise Invalid(detail, errors=[FieldError(name, "date", detail)])
    return found

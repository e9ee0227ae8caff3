"""What was done in a workspace, and by whom. Only admins read it."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import queries
from tenants.access import require_admin
from tenants.api.views import WorkspaceView
from tenants.serializers import LogEntryOut


class LogView(WorkspaceView):
    @extend_schema(
        operation_id="audit_list",
        responses=LogEntryOut(many=True),
        parameters=[OpenApiParameter("action", str, description="As in `member.added`, or only its first word.")],
    )
    def get(self, request: Request) -> Response:
        require_admin(self.member)
        return self.page(queries.log(**self.filters({"action"})), LogEntryOut)

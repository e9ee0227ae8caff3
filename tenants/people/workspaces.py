"""One's own workspaces."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import queries, services
from tenants.api import limits
from tenants.api.views import SignedInView
from tenants.serializers import WorkspaceIn, WorkspaceOut

NEW_PER_HOUR = 10


class WorkspacesView(SignedInView):
    @extend_schema(operation_id="workspaces_list", responses=WorkspaceOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.memberships_of(self.user), WorkspaceOut)

    @extend_schema(operation_id="workspaces_create", request=WorkspaceIn, responses={201: WorkspaceOut})
    def post(self, request: Request) -> Response:
        given = self.read(WorkspaceIn)
        limits.take_or_refuse("workspaces", str(self.user.pk), NEW_PER_HOUR, window=3600)
        tenant = services.create_workspace(**given, by=self.user)
        return self.answer(queries.memberships_of(self.user).get(tenant=tenant), WorkspaceOut, 201)

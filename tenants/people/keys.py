"""Keys for programs. Only admins see and make them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import access, queries, services
from tenants.access import Role, require_admin
from tenants.api.views import WorkspaceView
from tenants.serializers import FreshKeyOut, KeyIn, KeyOut


class KeysView(WorkspaceView):
    shown_once = ("key",)

    @extend_schema(operation_id="api_keys_list", responses=KeyOut(many=True))
    def get(self, request: Request) -> Response:
        require_admin(self.member)
        self.filters(())
        return self.page(queries.keys(), KeyOut)

    @extend_schema(operation_id="api_keys_create", request=KeyIn, responses={201: FreshKeyOut})
    def post(self, request: Request) -> Response:
        """The key itself is in this answer and nowhere else."""
        given = self.read(KeyIn)
        made = services.create_key(name=given["name"], role=Role(given["role"]), days=given["days"], by=self.member)
        return Response(FreshKeyOut(made.row, context={"secret": made.secret}).data, status=201)


class KeyView(WorkspaceView):
    @extend_schema(operation_id="api_keys_read", responses=KeyOut)
    def get(self, request: Request, key_id: UUID) -> Response:
        return Response(KeyOut(access.get_key(self.member, key_id)).data)

    @extend_schema(operation_id="api_keys_revoke", responses={204: None})
    def delete(self, request: Request, key_id: UUID) -> Response:
        services.revoke_key(key=access.get_key(self.member, key_id), by=self.member)
        return Response(status=204)

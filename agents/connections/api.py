"""Providers of a workspace for programs. Every member sees them; admins and owners change them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.connections import access, queries, services
from agents.connections.serializers import (
    FindingOut,
    ForgetIn,
    OrderIn,
    ProviderIn,
    ProviderOut,
    StatesOut,
)
from tenants.access import require_admin
from tenants.api import WorkspaceView


class ProvidersView(WorkspaceView):
    """The chain of providers, in the order in which they are asked."""

    @extend_schema(operation_id="providers_list", responses=ProviderOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.connections(), ProviderOut, ordering=("position", "id"))

    @extend_schema(operation_id="providers_create", request=ProviderIn, responses={201: ProviderOut})
    def post(self, request: Request) -> Response:
        """Add a provider at the end of the chain."""
        require_admin(self.member)
        return self.answer(services.create_connection(fields=self.read(ProviderIn), by=self.member), ProviderOut, 201)


class ProviderView(WorkspaceView):
    """One provider. Its key can be replaced or removed, never read; with another address it has to be given again."""

    @extend_schema(operation_id="providers_read", responses=ProviderOut)
    def get(self, request: Request, connection_id: UUID) -> Response:
        return self.answer(access.get_connection(self.member, connection_id), ProviderOut)

    @extend_schema(operation_id="providers_update", request=ProviderIn, responses=ProviderOut)
    def patch(self, request: Request, connection_id: UUID) -> Response:
        connection = self.check_match(access.get_connection_to_change(self.member, connection_id), ProviderOut)
        changes = self.read(ProviderIn, partial=True)
        changed = services.update_connection(connection=connection, changes=changes, by=self.member)
        return self.answer(changed, ProviderOut)

    @extend_schema(operation_id="providers_delete", responses={204: None})
    def delete(self, request: Request, connection_id: UUID) -> Response:
        connection = self.check_match(access.get_connection_to_change(self.member, connection_id), ProviderOut)
        services.delete_connection(connection=connection, by=self.member)
        return Response(status=204)


class TestProviderView(WorkspaceView):
    """Whether the provider answers with its key, asked right now."""

    @extend_schema(operation_id="providers_test", request=None, responses=FindingOut)
    def post(self, request: Request, connection_id: UUID) -> Response:
        connection = access.get_connection_to_change(self.member, connection_id)
        return Response(FindingOut(services.test_connection(connection=connection, by=self.member)).data)


class OrderView(WorkspaceView):
    @extend_schema(operation_id="providers_reorder", request=OrderIn, responses=ProviderOut(many=True))
    def post(self, request: Request) -> Response:
        """Put the chain into another order."""
        services.reorder_connections(order=self.read(OrderIn)["order"], by=self.member)
        return self.page(queries.connections(), ProviderOut, ordering=("position", "id"))


class StatesView(WorkspaceView):
    @extend_schema(operation_id="providers_state", responses=StatesOut)
    def get(self, request: Request) -> Response:
        """How each provider did in the last 24 hours, and what runs paid."""
        self.filters(())
        return Response(StatesOut({"providers": queries.states(), "spent": queries.spent()}).data)


class ForgetAnswersView(WorkspaceView):
    @extend_schema(operation_id="providers_forget_answers", request=ForgetIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Never again give an answer that was kept until now: any, or those of one model or version of a prompt."""
        services.forget_answers(**self.read(ForgetIn), by=self.member)
        return Response(status=204)

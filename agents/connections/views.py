"""The pages about a workspace's providers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.connections import access, queries, services
from agents.connections.forms import ConnectionChangeForm, ConnectionForm, filled
from agents.connections.gateways import gateway_of_sync
from agents.connections.models import Connection
from agents.llm.gateway import Description
from agents.llm.types import LLMError
from tenants.access import Role
from tenants.context import current_schema
from tenants.errors import DomainError
from tenants.forms import show_refusal
from tenants.pages import WorkspacePage


class ProvidersPage(WorkspacePage):
    """The chain of providers with how each does, and a form for one more."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(ConnectionForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConnectionForm(request.POST)
        if form.is_valid():
            try:
                made = services.create_connection(fields=form.wishes(), by=self.member)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"“{made.name}” is the last of the chain now. Test it, then move it up.")
                return redirect("connections:providers")
        return self._answer(form, status=422)

    def _answer(self, form: ConnectionForm, status: int = 200) -> HttpResponse:
        states = queries.states()
        return self.render(
            "agents/providers.html",
            status=status,
            form=form,
            states=states,
            spent=queries.spent(),
            answering=_answering(),
            is_own=any(state.connection.is_enabled for state in states),
            may_manage=self.member.may(Role.ADMIN),
        )


class ProviderPage(WorkspacePage):
    """One provider: change it, test it, delete it."""

    def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = access.get_connection_to_change(self.member, connection_id)
        has_key = hasattr(connection, "credential")
        return self._answer(connection, ConnectionChangeForm(initial=filled(connection), has_key=has_key))

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = access.get_connection_to_change(self.member, connection_id)
        form = ConnectionChangeForm(request.POST, has_key=hasattr(connection, "credential"))
        if form.is_valid():
            try:
                changed = services.update_connection(connection=connection, changes=form.wishes(), by=self.member)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"“{changed.name}” is changed; the next run uses it.")
                return redirect("connections:providers")
        return self._answer(connection, form, status=422)

    def _answer(self, connection: Connection, form: ConnectionChangeForm, status: int = 200) -> HttpResponse:
        return self.render("agents/provider.html", status=status, form=form, connection=connection)


class TestProviderPage(WorkspacePage):
    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = access.get_connection_to_change(self.member, connection_id)
        finding = services.test_connection(connection=connection, by=self.member)
        tell = messages.success if finding.ok else messages.error
        tell(request, f"{connection.name}: {finding.detail}")
        return redirect("connections:providers")


class RaiseProviderPage(WorkspacePage):
    """Ask this one before the one that stands above it."""

    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = access.get_connection_to_change(self.member, connection_id)
        services.raise_connection(connection=connection, by=self.member)
        return redirect("connections:providers")


class DeleteProviderPage(WorkspacePage):
    def post(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        connection = access.get_connection_to_change(self.member, connection_id)
        services.delete_connection(connection=connection, by=self.member)
        messages.success(request, f"“{connection.name}” and its key are deleted.")
        return redirect("connections:providers")


def _answering() -> Description | str:
    """Who answers now, or why nobody does."""
    try:
        return gateway_of_sync(current_schema()).describe()
    except LLMError as refused:
        return refused.detail

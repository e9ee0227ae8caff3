"""The page about tools: what agents can use, what each may touch, and what an admin lets them reach."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.tools import access, services
from agents.tools.forms import HostForm, ServerForm
from agents.tools.house import TOOLS
from agents.tools.models import AllowedHost, McpServer
from agents.tools.permissions import meaning_of
from agents.tools.reading import configured_tools
from agents.tools.registry import Tool
from tenants.access import Role
from tenants.errors import Conflict, Invalid
from tenants.forms import show_refusal
from tenants.pages import WorkspacePage

WORDS = {"none": "Touches nothing", "read": "Reads", "write": "Changes something"}


@dataclass(frozen=True, slots=True)
class Line:
    """A tool with its permissions in words."""

    name: str
    tool: Tool

    @property
    def effect(self) -> str:
        return WORDS[self.tool.effect]

    @property
    def touches(self) -> list[str]:
        return [meaning_of(word) for word in self.tool.permissions]


class ToolsPage(WorkspacePage):
    """Everybody sees what there is; admins also see and change what may be reached."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer()

    def answer(self, *, host: forms.Form | None = None, server: forms.Form | None = None) -> HttpResponse:
        may_manage = self.member.may(Role.ADMIN)
        return self.render(
            "agents/tools.html",
            status=422 if host or server else 200,
            lines=[Line(name, tool) for name, tool in {**TOOLS, **configured_tools()}.items()],
            servers=McpServer.objects.all(),
            hosts=AllowedHost.objects.all() if may_manage else (),
            host_form=host or HostForm(auto_id="host-%s"),
            server_form=server or ServerForm(auto_id="server-%s"),
            may_manage=may_manage,
        )


class AllowHostPage(ToolsPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("tools:tools")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HostForm(request.POST, auto_id="host-%s")
        if form.is_valid():
            try:
                made = services.allow_host(**form.cleaned_data, by=self.member)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Agents with the tool HTTP request can ask {made.host} now.")
                return redirect("tools:tools")
        return self.answer(host=form)


class AddServerPage(ToolsPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("tools:tools")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ServerForm(request.POST, auto_id="server-%s")
        if form.is_valid():
            try:
                made = services.add_server(**form.cleaned_data, by=self.member)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                _tell(request, services.refresh_server(server=made, by=self.member))
                return redirect("tools:tools")
        return self.answer(server=form)


class RemoveHostPage(WorkspacePage):
    def post(self, request: HttpRequest, host_id: UUID) -> HttpResponse:
        host = access.get_host(self.member, host_id)
        services.remove_host(host=host, by=self.member)
        messages.success(request, f"{host.host} cannot be asked any more.")
        return redirect("tools:tools")


class RefreshServerPage(WorkspacePage):
    def post(self, request: HttpRequest, server_id: UUID) -> HttpResponse:
        _tell(request, services.refresh_server(server=access.get_server(self.member, server_id), by=self.member))
        return redirect("tools:tools")


class SwitchServerPage(WorkspacePage):
    def post(self, request: HttpRequest, server_id: UUID) -> HttpResponse:
        server = access.get_server(self.member, server_id)
        services.switch_server(server=server, on=not server.is_on, by=self.member)
        messages.success(request, f"Agents {'can' if server.is_on else 'cannot'} use the tools of {server.name}.")
        return redirect("tools:tools")


class RemoveServerPage(WorkspacePage):
    def post(self, request: HttpRequest, server_id: UUID) -> HttpResponse:
        server = access.get_server(self.member, server_id)
        services.remove_server(server=server, by=self.member)
        messages.success(request, f"{server.name} and its tools are gone.")
        return redirect("tools:tools")


def _tell(request: HttpRequest, server: McpServer) -> None:
    if server.problem:
        messages.warning(request, server.problem)
    else:
        number = len(server.tools)
        messages.success(request, f"{server.name} offers {number} {'tool' if number == 1 else 'tools'}.")

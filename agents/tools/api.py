"""Tools for programs: what there is, what it may reach, and the files that runs wrote."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.tools import access, services
from agents.tools.files import FileRefused, RunFiles
from agents.tools.models import AllowedHost, McpServer
from agents.tools.reading import available_tools
from agents.tools.serializers import (
    HostIn,
    HostOut,
    RunFilesOut,
    ServerChange,
    ServerIn,
    ServerOut,
    ToolsOut,
)
from projects.access import get_run
from projects.models import Run
from tenants.access import require_admin
from tenants.api import WorkspaceView
from tenants.context import current_schema
from tenants.errors import NotFound


class ToolsView(WorkspaceView):
    """Every tool that agents here may be given, with what each may touch; `mcp:<server>/<tool>` are those of MCP servers."""

    @extend_schema(operation_id="tools_list", responses=ToolsOut)
    def get(self, request: Request) -> Response:
        self.filters(())
        found = available_tools()
        listed = [{"name": name, "tool": found[name]} for name in sorted(found)]
        return Response(ToolsOut({"next": None, "previous": None, "results": listed}).data)


class HostsView(WorkspaceView):
    """The hosts that `http_request` may ask. Admins only."""

    @extend_schema(operation_id="tool_hosts_list", responses=HostOut(many=True))
    def get(self, request: Request) -> Response:
        require_admin(self.member)
        self.filters(())
        return self.page(AllowedHost.objects.all(), HostOut)

    @extend_schema(operation_id="tool_hosts_create", request=HostIn, responses={201: HostOut})
    def post(self, request: Request) -> Response:
        return self.answer(services.allow_host(**self.read(HostIn), by=self.member), HostOut, 201)


class HostView(WorkspaceView):
    @extend_schema(operation_id="tool_hosts_delete", responses={204: None})
    def delete(self, request: Request, host_id: UUID) -> Response:
        services.remove_host(host=access.get_host(self.member, host_id), by=self.member)
        return Response(status=204)


class ServersView(WorkspaceView):
    """MCP servers of this workspace. Admins only."""

    @extend_schema(operation_id="tool_servers_list", responses=ServerOut(many=True))
    def get(self, request: Request) -> Response:
        require_admin(self.member)
        self.filters(())
        return self.page(McpServer.objects.all(), ServerOut)

    @extend_schema(operation_id="tool_servers_create", request=ServerIn, responses={201: ServerOut})
    def post(self, request: Request) -> Response:
        """Put a server on the list. Its tools appear once `refresh/` has looked at it."""
        return self.answer(services.add_server(**self.read(ServerIn), by=self.member), ServerOut, 201)


class ServerView(WorkspaceView):
    @extend_schema(operation_id="tool_servers_read", responses=ServerOut)
    def get(self, request: Request, server_id: UUID) -> Response:
        return self.answer(access.get_server(self.member, server_id), ServerOut)

    @extend_schema(operation_id="tool_servers_update", request=ServerChange, responses=ServerOut)
    def patch(self, request: Request, server_id: UUID) -> Response:
        server = self.check_match(access.get_server(self.member, server_id), ServerOut)
        changed = services.switch_server(server=server, on=self.read(ServerChange)["is_on"], by=self.member)
        return self.answer(changed, ServerOut)

    @extend_schema(operation_id="tool_servers_delete", responses={204: None})
    def delete(self, request: Request, server_id: UUID) -> Response:
        services.remove_server(server=access.get_server(self.member, server_id), by=self.member)
        return Response(status=204)


class RefreshServerView(WorkspaceView):
    """Ask the server what it offers now; `problem` says why it could not be asked."""

    @extend_schema(operation_id="tool_servers_refresh", request=None, responses=ServerOut)
    def post(self, request: Request, server_id: UUID) -> Response:
        server = services.refresh_server(server=access.get_server(self.member, server_id), by=self.member)
        return self.answer(server, ServerOut)


class RunFilesView(WorkspaceView):
    """The files that the agents of a run wrote."""

    @extend_schema(operation_id="run_files_list", responses=RunFilesOut)
    def get(self, request: Request, run_id: UUID) -> Response:
        self.filters(())
        run = get_run(self.member, run_id)
        return Response(RunFilesOut({"results": RunFiles.of(self.member.schema, run.pk).list()}).data)


class RunFileView(WorkspaceView):
    """One file, always as a download."""

    @extend_schema(operation_id="run_files_content", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: UUID, file_name: str) -> HttpResponse:
        return file_of(get_run(self.member, run_id), file_name)


def file_of(run: Run, name: str) -> HttpResponse:
    """A file of a run of the current workspace, as a download. Raises NotFound."""
    try:
        return as_download(RunFiles.of(current_schema(), run.pk).read(name), name)
    except FileRefused as refusal:
        raise NotFound(str(refusal)) from refusal


def as_download(content: bytes, name: str) -> HttpResponse:
    """Nothing in it is shown or run by a browser, whatever an agent wrote. The name is one that `RunFiles` takes: plain ASCII."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

"""Installing over HTTP: `installations/` of a workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.access import find_version
from marketplace.installs import access, services
from marketplace.installs.models import Grant, Installation
from tenants.api.views import WorkspaceView


class InstallIn(serializers.Serializer[Any]):
    """`listing` is publisher/slug or an id; `version` empty means the newest; `grants` are permission codes."""

    listing = serializers.CharField(max_length=101)
    version = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    grants = serializers.ListField(child=serializers.CharField(max_length=300), max_length=100)


class GrantOut(serializers.ModelSerializer[Grant]):
    class Meta:
        model = Grant
        fields = ("code", "by_name", "created_at")
        read_only_fields = fields


class InstallationOut(serializers.ModelSerializer[Installation]):
    listing = serializers.CharField(source="ref", read_only=True)
    version = serializers.CharField(source="semver", read_only=True)
    crew = serializers.UUIDField(source="crew_id", read_only=True, allow_null=True)
    scenario = serializers.UUIDField(source="scenario_id", read_only=True, allow_null=True)

    class Meta:
        model = Installation
        fields = (
            "id", "listing", "listing_id", "version", "version_id", "digest", "title", "kind", "state", "crew", "scenario",
            "by_name", "created_at", "removed_at",
        )  # fmt: skip
        read_only_fields = fields


class InstallationPageOut(InstallationOut):
    """One installation whole: what was granted, what it was resolved to, and the manifest it was copied from."""

    grants = GrantOut(many=True, read_only=True)

    class Meta:
        model = Installation
        fields = (*InstallationOut.Meta.fields, "grants", "lock", "manifest")
        read_only_fields = fields


class InstallationsView(WorkspaceView):
    @extend_schema(operation_id="installations", responses=InstallationOut(many=True))
    def get(self, request: Request) -> Response:
        """What is installed in this workspace, newest first."""
        self.filters(set())
        return self.page(access.installed(), InstallationOut)

    @extend_schema(operation_id="install", request=InstallIn, responses={201: InstallationPageOut})
    def post(self, request: Request) -> Response:
        """Install a listing. `grants` must name every permission that it asks for."""
        wanted = self.read(InstallIn)
        version = find_version(wanted["listing"], wanted["version"])
        installation = services.install_listing(version=version, grants=set(wanted["grants"]), by=self.member)
        return self.answer(installation, InstallationPageOut, status=201)


class InstallationView(WorkspaceView):
    @extend_schema(operation_id="installation", responses=InstallationPageOut)
    def get(self, request: Request, installation_id: UUID) -> Response:
        """One installation with its grants and its manifest."""
        return self.answer(access.get_installation(installation_id), InstallationPageOut)


class RemoveView(WorkspaceView):
    @extend_schema(operation_id="remove_installation", request=None, responses=InstallationOut)
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Put an installation away with what it made here. Finished runs stay."""
        installation = services.remove_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        return self.answer(installation, InstallationOut)

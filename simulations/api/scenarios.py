"""Scenarios of a workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.documents import MAX_BYTES
from simulations import access, services
from simulations.manifests import as_yaml
from simulations.models import Scenario
from simulations.serializers import ScenarioChange, ScenarioIn, ScenarioOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


def _manifest(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False, **more)


class ManifestIn(serializers.Serializer[Scenario]):
    """A whole scenario as YAML (`kind: Scenario`, `family: abm`)."""

    manifest = _manifest()


class ManifestOut(serializers.ModelSerializer[Scenario]):
    """The scenario as YAML, with this workspace's words and defaults in it."""

    manifest = serializers.SerializerMethodField()

    class Meta:
        model = Scenario
        fields = ("id", "version", "manifest")

    def get_manifest(self, scenario: Scenario) -> str:
        return as_yaml(scenario)


class ScenarioSent(ScenarioIn):
    """A scenario of the library by its `key`, with a workspace's own defaults; or a whole one, as `manifest` alone."""

    key = serializers.CharField(max_length=60, required=False)
    manifest = _manifest(required=False)


class ScenariosView(WorkspaceView):
    @extend_schema(operation_id="scenarios_list", responses=ScenarioOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(access.scenarios(self.member), ScenarioOut)

    @extend_schema(operation_id="scenarios_add", request=ScenarioSent, responses={201: ScenarioOut})
    def post(self, request: Request) -> Response:
        given = self.read(ScenarioSent)
        text = given.pop("manifest", None)
        if text is None and "key" not in given:
            raise Invalid("Say which scenario.", errors=[FieldError("key", "required", "Send a key, or a manifest.")])
        if text is not None and given:
            extra = [FieldError(name, "unused", "A manifest says this itself.") for name in sorted(given)]
            raise Invalid("Send a manifest alone, or a key with defaults.", errors=extra)
        if text is not None:
            return self.answer(services.write_scenario(text=text, by=self.member), ScenarioOut, 201)
        return self.answer(services.add_scenario(new=services.NewScenario(**given), by=self.member), ScenarioOut, 201)


class ScenarioView(WorkspaceView):
    @extend_schema(operation_id="scenarios_read", responses=ScenarioOut)
    def get(self, request: Request, scenario_id: UUID) -> Response:
        return self.answer(access.get_scenario(self.member, scenario_id), ScenarioOut)

    @extend_schema(operation_id="scenarios_update", request=ScenarioChange, responses=ScenarioOut)
    def patch(self, request: Request, scenario_id: UUID) -> Response:
        scenario = self.check_match(access.get_scenario(self.member, scenario_id), ScenarioOut)
        changes = self.read(ScenarioChange, partial=True)
        return self.answer(services.change_scenario(scenario=scenario, changes=changes, by=self.member), ScenarioOut)

    @extend_schema(operation_id="scenarios_remove", responses={204: None})
    def delete(self, request: Request, scenario_id: UUID) -> Response:
        scenario = self.check_match(access.get_scenario(self.member, scenario_id), ScenarioOut)
        services.remove_scenario(scenario=scenario, by=self.member)
        return Response(status=204)


class ManifestView(WorkspaceView):
    @extend_schema(operation_id="scenarios_manifest", responses=ManifestOut)
    def get(self, request: Request, scenario_id: UUID) -> Response:
        return self.answer(access.get_scenario(self.member, scenario_id), ManifestOut)

    @extend_schema(operation_id="scenarios_rewrite", request=ManifestIn, responses=ManifestOut)
    def put(self, request: Request, scenario_id: UUID) -> Response:
        """A new version of the definition; plays that began keep theirs."""
        scenario = self.check_match(access.get_scenario(self.member, scenario_id), ManifestOut)
        text = self.read(ManifestIn)["manifest"]
        changed = services.rewrite_scenario(scenario=scenario, text=text, by=self.member)
        return self.answer(changed, ManifestOut)

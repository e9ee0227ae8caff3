"""Remixing over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Crew
from marketplace.installs.finding import find_version
from marketplace.installs.services import Wish
from marketplace.remixing import services
from marketplace.remixing.services import Remix
from simulations.models import Scenario
from tenants.api.views import WorkspaceView


class RemixIn(serializers.Serializer[Any]):
    """`listing` is publisher/slug or an id; `version` empty means the newest; `grants` names every permission that it asks for."""

    listing = serializers.CharField(max_length=101)
    version = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    grants = serializers.ListField(child=serializers.CharField(max_length=300), max_length=100)


class RemixOut(serializers.Serializer[Any]):
    """What it became: `kind` says where it is found."""

    id = serializers.UUIDField()
    kind = serializers.SerializerMethodField()
    name = serializers.CharField()
    origin = serializers.SerializerMethodField()
    digest = serializers.CharField(source="manifest_digest")

    def get_kind(self, made: Remix) -> str:
        return "crew" if isinstance(made, Crew) else "scenario" if isinstance(made, Scenario) else "agent"

    def get_origin(self, made: Remix) -> str:
        """As in publisher/listing@version; empty for an agent, which has only the digest."""
        return made.source if isinstance(made, Crew | Scenario) else ""


class RemixesView(WorkspaceView):
    refuses = (403,)

    @extend_schema(operation_id="remix", request=RemixIn, responses={201: RemixOut})
    def post(self, request: Request) -> Response:
        """Copy a listing as your own, to be changed. What you publish from it names its origin."""
        given = self.read(RemixIn)
        version = find_version(given["listing"], given["version"], by=self.member)
        made = services.remix_listing(version=version, by=self.member, wish=Wish(grants=given["grants"]))
        return self.answer(made, RemixOut, status=201)

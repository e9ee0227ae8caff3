"""Manifests for programs: their schemas, and what is wrong with one."""

from __future__ import annotations

from typing import IO, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents.documents import MAX_BYTES
from marketplace.checks.finding import Severity
from marketplace.checks.linting import Linted, lint
from marketplace.manifest.envelope import KINDS
from marketplace.manifest.permissions import Risk
from marketplace.manifest.schemas import schema_of, schema_of_all
from tenants.api.views import PublicView
from tenants.errors import FieldError, Invalid, NotFound
from tenants.wire.parsing import StrictJSONParser

MOST_FOR_STRANGERS = 64 * 1024
KIND_NAMES = {kind.lower(): kind for kind in KINDS}


class YamlParser(BaseParser):
    """A manifest as the whole body."""

    media_type = "application/yaml"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> dict[str, str]:
        raw = stream.read(MAX_BYTES + 1)
        try:
            return {"manifest": raw.decode("utf-8-sig")}
        except UnicodeDecodeError as error:
            raise ParseError(f"Byte {error.start} is not UTF-8 text.") from error


class LintIn(serializers.Serializer[Any]):
    """A manifest as YAML text; JSON is YAML, too."""

    manifest = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False)


class LintFindingOut(serializers.Serializer[Any]):
    """`line` and `column` count from 1 in what was sent; `fix` says what to do. `evidence` never holds a secret."""

    code = serializers.CharField()
    severity = serializers.ChoiceField([each.value for each in Severity])
    path = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    column = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
    fix = serializers.CharField()
    evidence = serializers.CharField()
    enforced = serializers.BooleanField()


class LintOut(serializers.Serializer[Linted]):
    """`valid`: it is a manifest; `passed`: nothing in it would keep it from being published."""

    valid = serializers.SerializerMethodField()
    passed = serializers.BooleanField(source="report.passed")
    ref = serializers.SerializerMethodField()
    digest = serializers.CharField()
    risk = serializers.SerializerMethodField()
    findings = LintFindingOut(source="report.findings", many=True)

    def get_valid(self, linted: Linted) -> bool:
        return linted.manifest is not None

    def get_ref(self, linted: Linted) -> str:
        return linted.manifest.ref if linted.manifest else ""

    def get_risk(self, linted: Linted) -> str:
        return Risk(linted.manifest.risk).name.lower() if linted.manifest else ""


class LintView(PublicView):
    parser_classes = (StrictJSONParser, YamlParser)

    @extend_schema(
        operation_id="marketplace_lint",
        request={"application/json": LintIn, "application/yaml": OpenApiTypes.ANY},
        responses=LintOut,
    )
    def post(self, request: Request) -> Response:
        """Check a manifest without publishing it. Also what is no manifest is answered with 200, and told what it lacks.

        Looking costs time: who is not signed in may send 64 kB, others 256.
        """
        source = str(self.read(LintIn)["manifest"])
        if len(source) > MOST_FOR_STRANGERS and not request.user.is_authenticated:
            detail = f"Sign in to have more than {MOST_FOR_STRANGERS // 1024} kB checked."
            raise Invalid(detail, errors=[FieldError("manifest", "too_large", detail)])
        return Response(LintOut(lint(source)).data)


class SchemaView(PublicView):
    @extend_schema(operation_id="marketplace_manifest_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The JSON Schema of manifests of every kind."""
        self.filters(set())
        return Response(schema_of_all() | {"$id": request.build_absolute_uri(request.path)})


class KindSchemaView(PublicView):
    @extend_schema(operation_id="marketplace_manifest_kind_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, kind: str) -> Response:
        """The JSON Schema of manifests of one kind: agent, crew, tool or scenario."""
        self.filters(set())
        if kind not in KIND_NAMES:
            raise NotFound(f"There is no such kind; there are: {', '.join(KIND_NAMES)}.")
        return Response(schema_of(KIND_NAMES[kind]) | {"$id": request.build_absolute_uri(request.path)})

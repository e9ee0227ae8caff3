"""The API's description: OpenAPI, made from the code, for the public site and for a workspace."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.utils.decorators import method_decorator
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.validation import validate_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.views import PublicView

PUBLIC, WORKSPACE = settings.PUBLIC_SCHEMA_URLCONF, settings.ROOT_URLCONF
TITLES = {PUBLIC: "Guildhall: public API", WORKSPACE: "Guildhall: API of a workspace"}
SERVERS: dict[str, list[dict[str, Any]]] = {
    PUBLIC: [{"url": "/"}],
    WORKSPACE: [{"url": "/w/{workspace}", "variables": {"workspace": {"default": "acme", "description": "Its slug."}}}],
}


class Undescribed(Exception):
    """Some door's description had to be guessed; the generator's own words are on stderr."""


def describe(urlconf: str) -> dict[str, Any]:
    """The description of all doors of `urlconf`. Takes about a second."""
    generator = SchemaGenerator(urlconf=urlconf)  # type: ignore[no-untyped-call]
    found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found["info"]["title"] = TITLES.get(urlconf, "Guildhall")
    found["servers"] = SERVERS.get(urlconf, [])
    return found


@cache
def describe_strictly(urlconf: str) -> dict[str, Any]:
    """As `describe`; raises Undescribed after a guess, and ValidationError where it breaks OpenAPI's own schema."""
    GENERATOR_STATS.reset()
    found = describe(urlconf)
    if GENERATOR_STATS:
        raise Undescribed(urlconf)
    validate_schema(found)  # type: ignore[no-untyped-call]
    return found


def as_text(description: dict[str, Any]) -> str:
    return json.dumps(description, indent=1, ensure_ascii=False) + "\n"


_remembered = cache(describe)


class SchemaView(PublicView):
    """The description, with the workspace that was asked as its server. It is the same for everybody."""

    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2)
    authentication_classes = ()
    urlconf: str

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        found = deepcopy(_remembered(self.urlconf))
        found["servers"] = [{"url": request.META.get("SCRIPT_NAME") or "/"}]
        return Response(found)


class PublicSchemaView(SchemaView):
    urlconf = PUBLIC


class WorkspaceSchemaView(SchemaView):
    urlconf = WORKSPACE


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")  # Swagger UI sets styles by itself
class PublicDocsView(SpectacularSwaggerSplitView):
    http_method_names = ["get", "head"]
    url_name = "api-schema"
    title = TITLES[PUBLIC]


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class WorkspaceDocsView(SpectacularSwaggerSplitView):
    http_method_names = ["get", "head"]
    url_name = "api-schema"
    title = TITLES[WORKSPACE]

"""The API's description: OpenAPI, made from the code, for the public site and for a workspace."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

PUBLIC = "config.urls_public"
WORKSPACE = "config.urls"


class PublicSchemaView(SpectacularAPIView):
    urlconf = PUBLIC
    custom_settings: dict[str, Any] = {"TITLE": "Guildhall: public API"}


class WorkspaceSchemaView(SpectacularAPIView):
    urlconf = WORKSPACE
    custom_settings: dict[str, Any] = {"TITLE": "Guildhall: workspace API"}


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")  # Swagger UI sets styles by itself
class PublicDocsView(SpectacularSwaggerSplitView):
    url_name = "api-schema"


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class WorkspaceDocsView(SpectacularSwaggerSplitView):
    url_name = "api-schema"

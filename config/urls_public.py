"""Addresses of the public site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health
from config.documentation import PublicDocsView, PublicSchemaView
from config.metrics.page import metrics
from config.routes import by_first_part

api: list[URLPattern | URLResolver] = [
    path("", include("tenants.api_urls")),
    path("", include("tenants.notifications.api_urls")),
    path("", include("marketplace.browsing.api_urls")),
    path("", include("marketplace.checks.api_urls")),
    path("", include("marketplace.reviews.api_urls")),
    path("", include("marketplace.moderation.api_urls")),
    path("", include("marketplace.evidence.api_urls")),
    path("schema/", PublicSchemaView.as_view(), name="api-schema"),
    path("docs/", PublicDocsView.as_view(), name="api-docs"),
]
urlpatterns = by_first_part(
    [
        path("healthz", health.live, name="healthz"),
        path("readyz", health.ready, name="readyz"),
        path("metrics", metrics, name="metrics"),
        path("", include("marketplace.sandbox.urls")),
        path("", include("marketplace.browsing.urls")),
        path("", include("marketplace.reviews.urls")),
        path("", include("marketplace.moderation.urls")),
        path("", include("marketplace.evidence.urls")),
        path("", include("tenants.urls")),
        path("", include("tenants.notifications.urls")),
        path("", include("projects.sharing.urls")),
        path("", include("simulations.sharing.urls")),
        path("accounts/", include("allauth.account.urls")),
        path("accounts/2fa/", include("allauth.mfa.urls")),
        path("admin/", admin.site.urls),
        path("api/v1/", include(by_first_part(api))),
    ]
)
handler400 = "config.refusals.bad_request"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.broken"

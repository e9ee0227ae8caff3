"""Addresses of a workspace, from its root: /w/<slug>/ or its own host name."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from config.documentation import WorkspaceDocsView, WorkspaceSchemaView
from config.home import HomePage
from config.routes import by_first_part
from config.workspace_settings import SettingsPage
from tenants import workspace_urls

api: list[URLPattern | URLResolver] = [
    path("", include("tenants.workspace_api_urls")),
    path("", include("agents.api_urls")),
    path("", include("agents.schedules.api_urls")),
    path("", include("agents.connections.api_urls")),
    path("", include("projects.api_urls")),
    path("", include("projects.budgets.api_urls")),
    path("", include("projects.faults.api_urls")),
    path("", include("projects.webhooks.api_urls")),
    path("", include("simulations.api_urls")),
    path("", include("simulations.interventions.api_urls")),
    path("", include("simulations.notes.api_urls")),
    path("", include("simulations.sharing.api_urls")),
    path("", include("simulations.chat.api_urls")),
    path("", include("simulations.sweeps.api_urls")),
    path("", include("marketplace.installs.api_urls")),
    path("", include("marketplace.remixing.api_urls")),
    path("", include("marketplace.drafts.api_urls")),
    path("schema/", WorkspaceSchemaView.as_view(), name="api-schema"),
    path("docs/", WorkspaceDocsView.as_view(), name="api-docs"),
]
urlpatterns = by_first_part(
    [
        path(
            "",
            include(
                (
                    [
                        path("", HomePage.as_view(), name="dashboard"),
                        path("settings/", SettingsPage.as_view(), name="settings"),
                        *workspace_urls.urlpatterns,
                    ],
                    "tenants",
                )
            ),
        ),
        path("", include("projects.urls")),
        path("", include("projects.budgets.urls")),
        path("", include("projects.faults.urls")),
        path("", include("projects.webhooks.urls")),
        path("", include("agents.schedules.urls")),
        path("", include("agents.urls")),
        path("", include("agents.connections.urls")),
        path("", include("agents.tools.urls")),
        path("", include("simulations.urls")),
        path("", include("simulations.chat.urls")),
        path("", include("simulations.sweeps.urls")),
        path("", include("marketplace.installs.urls")),
        path("", include("marketplace.remixing.urls")),
        path("", include("marketplace.evidence.workspace_urls")),
        path("", include("marketplace.drafts.urls")),
        path("api/v1/", include(by_first_part(api))),
    ]
)
handler400 = "config.refusals.bad_request"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.broken"

from django.urls import path

from marketplace.checks import api

app_name = "api-checks"
urlpatterns = [
    path("marketplace/lint/", api.LintView.as_view(), name="lint"),
    path("marketplace/manifest.schema.json", api.SchemaView.as_view(), name="manifest-schema"),
    path("marketplace/manifest.<slug:kind>.schema.json", api.KindSchemaView.as_view(), name="manifest-kind-schema"),
]

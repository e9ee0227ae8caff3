from django.urls import path

from marketplace.moderation import api

app_name = "api-moderation"
urlpatterns = [
    path("marketplace/listings/<slug:publisher>/<slug:slug>/reports/", api.ReportsView.as_view(), name="report"),
    path("marketplace/appeals/", api.AppealsView.as_view(), name="appeals"),
    path("marketplace/appeals/<uuid:token>/", api.AppealView.as_view(), name="appeal"),
]

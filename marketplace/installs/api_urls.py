from django.urls import path

from marketplace.installs import api

app_name = "api-installs"
urlpatterns = [
    path("installations/", api.InstallationsView.as_view(), name="installations"),
    path("installations/<uuid:installation_id>/", api.InstallationView.as_view(), name="installation"),
    path("installations/<uuid:installation_id>/remove/", api.RemoveView.as_view(), name="remove"),
]

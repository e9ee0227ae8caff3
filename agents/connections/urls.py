from django.urls import path

from agents.connections import views

app_name = "connections"
urlpatterns = [
    path("settings/providers/", views.ProvidersPage.as_view(), name="providers"),
    path("settings/providers/<uuid:connection_id>/", views.ProviderPage.as_view(), name="provider"),
    path("settings/providers/<uuid:connection_id>/test/", views.TestProviderPage.as_view(), name="test-provider"),
    path("settings/providers/<uuid:connection_id>/raise/", views.RaiseProviderPage.as_view(), name="raise-provider"),
    path("settings/providers/<uuid:connection_id>/delete/", views.DeleteProviderPage.as_view(), name="delete-provider"),
]

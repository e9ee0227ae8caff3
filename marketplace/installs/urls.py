from django.urls import path

from marketplace.installs import views

app_name = "installs"
urlpatterns = [
    path("installed/", views.Installed.as_view(), name="list"),
    path("installed/new/<slug:publisher>/<slug:slug>/", views.Install.as_view(), name="new"),
    path("installed/<uuid:installation_id>/", views.InstallationPage.as_view(), name="installation"),
    path("installed/<uuid:installation_id>/remove/", views.Remove.as_view(), name="remove"),
]

from django.urls import path

from projects.faults import views

app_name = "faults"
urlpatterns = [path("settings/errors/", views.FaultsPage.as_view(), name="faults")]

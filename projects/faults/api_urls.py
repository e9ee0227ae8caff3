from django.urls import path

from projects.faults import api

app_name = "api-faults"
urlpatterns = [path("faults/", api.FaultsView.as_view(), name="faults")]

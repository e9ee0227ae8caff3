from django.urls import path

from agents.branches import api

app_name = "api-branches"
urlpatterns = [path("runs/<uuid:run_id>/branch/", api.BranchRunView.as_view(), name="branch")]

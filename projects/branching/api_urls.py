from django.urls import path

from projects.branching import api

app_name = "api-branching"
urlpatterns = [
    path("runs/compare/", api.CompareView.as_view(), name="compare"),
    path("runs/<uuid:run_id>/branches/", api.BranchesView.as_view(), name="branches"),
]

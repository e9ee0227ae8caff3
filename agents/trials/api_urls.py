from django.urls import path

from agents.trials import api

app_name = "api-trials"
urlpatterns = [
    path("runs/<uuid:run_id>/keep/", api.KeepRunView.as_view(), name="keep"),
    path("crews/<uuid:crew_id>/tests/", api.TestsView.as_view(), name="tests"),
    path("crews/<uuid:crew_id>/tests/run/", api.TryCrewView.as_view(), name="try"),
    path("crews/<uuid:crew_id>/tests/<uuid:test_id>/", api.TestView.as_view(), name="test"),
    path("crews/<uuid:crew_id>/trials/", api.TrialsView.as_view(), name="trials"),
    path("crews/<uuid:crew_id>/trials/<uuid:trial_id>/", api.TrialView.as_view(), name="trial"),
]

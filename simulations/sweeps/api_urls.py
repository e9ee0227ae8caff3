from django.urls import path

from simulations.sweeps import api

app_name = "api-sweeps"
urlpatterns = [
    path("sweeps/", api.SweepsView.as_view(), name="sweeps"),
    path("sweeps/estimate/", api.EstimateView.as_view(), name="estimate"),
    path("sweeps/<uuid:sweep_id>/", api.SweepView.as_view(), name="sweep"),
    path("sweeps/<uuid:sweep_id>/pause/", api.PauseView.as_view(), name="pause"),
    path("sweeps/<uuid:sweep_id>/resume/", api.ResumeView.as_view(), name="resume"),
    path("sweeps/<uuid:sweep_id>/cancel/", api.CancelView.as_view(), name="cancel"),
    path("sweeps/<uuid:sweep_id>/retry/", api.RetryView.as_view(), name="retry"),
    path("sweeps/<uuid:sweep_id>/points/", api.PointsView.as_view(), name="points"),
    path("sweeps/<uuid:sweep_id>/results/", api.ResultsView.as_view(), name="results"),
    path("sweeps/<uuid:sweep_id>/results.csv", api.ResultsCsvView.as_view(), name="results-csv"),
]

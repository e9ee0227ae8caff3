from django.urls import path

from simulations.sweeps import pages

app_name = "sweeps"
_SWEEP = "sweeps/<uuid:sweep_id>/"
urlpatterns = [
    path("sweeps/", pages.SweepsPage.as_view(), name="list"),
    path("scenarios/<uuid:scenario_id>/sweep/", pages.NewSweepPage.as_view(), name="new"),
    path(_SWEEP, pages.SweepPage.as_view(), name="sweep"),
    path(f"{_SWEEP}progress/", pages.ProgressFragment.as_view(), name="progress"),
    path(f"{_SWEEP}results.csv", pages.CsvPage.as_view(), name="csv"),
    path(f"{_SWEEP}pause/", pages.PausePage.as_view(), name="pause"),
    path(f"{_SWEEP}resume/", pages.ResumePage.as_view(), name="resume"),
    path(f"{_SWEEP}cancel/", pages.CancelPage.as_view(), name="cancel"),
    path(f"{_SWEEP}retry/", pages.RetryPage.as_view(), name="retry"),
    path(f"{_SWEEP}delete/", pages.DeletePage.as_view(), name="delete"),
]

from django.urls import path

from simulations import api

app_name = "api-simulations"
urlpatterns = [
    path("scenarios/", api.ScenariosView.as_view(), name="scenarios"),
    path("scenarios/<uuid:scenario_id>/", api.ScenarioView.as_view(), name="scenario"),
    path("simulations/", api.SimulationsView.as_view(), name="simulations"),
    path("simulations/<uuid:simulation_id>/", api.SimulationView.as_view(), name="simulation"),
    path("simulations/<uuid:simulation_id>/pause/", api.PauseView.as_view(), name="pause"),
    path("simulations/<uuid:simulation_id>/resume/", api.ResumeView.as_view(), name="resume"),
    path("simulations/<uuid:simulation_id>/step/", api.StepView.as_view(), name="step"),
    path("simulations/<uuid:simulation_id>/stop/", api.StopView.as_view(), name="stop"),
    path("simulations/<uuid:simulation_id>/frames/", api.FramesView.as_view(), name="frames"),
    path("simulations/<uuid:simulation_id>/data.csv", api.DataView.as_view(), name="data"),
]

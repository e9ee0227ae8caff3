from django.urls import path

from simulations.api import data, plays, scenarios, viewing

app_name = "api-simulations"
urlpatterns = [
    path("scenarios/", scenarios.ScenariosView.as_view(), name="scenarios"),
    path("scenarios/<uuid:scenario_id>/", scenarios.ScenarioView.as_view(), name="scenario"),
    path("simulations/", plays.SimulationsView.as_view(), name="simulations"),
    path("simulations/<uuid:simulation_id>/", plays.SimulationView.as_view(), name="simulation"),
    path("simulations/<uuid:simulation_id>/pause/", plays.PauseView.as_view(), name="pause"),
    path("simulations/<uuid:simulation_id>/resume/", plays.ResumeView.as_view(), name="resume"),
    path("simulations/<uuid:simulation_id>/step/", plays.StepView.as_view(), name="step"),
    path("simulations/<uuid:simulation_id>/stop/", plays.StopView.as_view(), name="stop"),
    path("simulations/<uuid:simulation_id>/hello/", viewing.HelloView.as_view(), name="hello"),
    path("simulations/<uuid:simulation_id>/frames/", data.FramesView.as_view(), name="frames"),
    path("simulations/<uuid:simulation_id>/data.csv", data.DataView.as_view(), name="data"),
]

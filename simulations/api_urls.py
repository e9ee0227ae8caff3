from django.urls import path

from simulations.api import agents, data, messages, offspring, plays, scenarios, viewing

app_name = "api-simulations"
urlpatterns = [
    path("scenarios/", scenarios.ScenariosView.as_view(), name="scenarios"),
    path("scenarios/<uuid:scenario_id>/", scenarios.ScenarioView.as_view(), name="scenario"),
    path("scenarios/<uuid:scenario_id>/manifest/", scenarios.ManifestView.as_view(), name="manifest"),
    path("simulations/", plays.SimulationsView.as_view(), name="simulations"),
    path("simulations/<uuid:simulation_id>/", plays.SimulationView.as_view(), name="simulation"),
    path("simulations/<uuid:simulation_id>/pause/", plays.PauseView.as_view(), name="pause"),
    path("simulations/<uuid:simulation_id>/resume/", plays.ResumeView.as_view(), name="resume"),
    path("simulations/<uuid:simulation_id>/step/", plays.StepView.as_view(), name="step"),
    path("simulations/<uuid:simulation_id>/stop/", plays.StopView.as_view(), name="stop"),
    path("simulations/<uuid:simulation_id>/hello/", viewing.HelloView.as_view(), name="hello"),
    path("simulations/<uuid:simulation_id>/happenings/", viewing.HappeningsView.as_view(), name="happenings"),
    path("simulations/<uuid:simulation_id>/frames/", data.FramesView.as_view(), name="frames"),
    path("simulations/<uuid:simulation_id>/agents/", agents.AgentsView.as_view(), name="agents"),
    path("simulations/<uuid:simulation_id>/agents/<int:agent>/", agents.AgentView.as_view(), name="agent"),
    path("simulations/<uuid:simulation_id>/decisions/", agents.DecisionsView.as_view(), name="decisions"),
    path("simulations/<uuid:simulation_id>/messages/", messages.MessagesView.as_view(), name="messages"),
    path("simulations/<uuid:simulation_id>/replay/", offspring.ReplayView.as_view(), name="replay"),
    path("simulations/<uuid:simulation_id>/branch/", offspring.BranchView.as_view(), name="branch"),
    path("simulations/<uuid:simulation_id>/compare/", offspring.CompareView.as_view(), name="compare"),
    path("simulations/<uuid:simulation_id>/data.csv", data.DataView.as_view(), name="data"),
    path("simulations/<uuid:simulation_id>/data.parquet", data.ParquetView.as_view(), name="parquet"),
]

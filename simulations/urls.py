from django.urls import path

from simulations.views import lab, offspring, plays, scenarios, taking_part, writing

app_name = "simulations"
_PLAY = "simulations/<uuid:simulation_id>/"
urlpatterns = [
    path("scenarios/", scenarios.ScenariosPage.as_view(), name="scenarios"),
    path("scenarios/new/", writing.NewScenarioPage.as_view(), name="new-scenario"),
    path("scenarios/<uuid:scenario_id>/", scenarios.ScenarioPage.as_view(), name="scenario"),
    path("scenarios/<uuid:scenario_id>/edit/", writing.EditScenarioPage.as_view(), name="edit-scenario"),
    path("scenarios/<uuid:scenario_id>/remove/", scenarios.RemoveScenarioPage.as_view(), name="remove"),
    path("simulations/", plays.SimulationsPage.as_view(), name="list"),
    path(_PLAY, lab.SimulationPage.as_view(), name="simulation"),
    path(f"{_PLAY}pause/", plays.PausePage.as_view(), name="pause"),
    path(f"{_PLAY}resume/", plays.ResumePage.as_view(), name="resume"),
    path(f"{_PLAY}step/", plays.StepPage.as_view(), name="step"),
    path(f"{_PLAY}stop/", plays.StopPage.as_view(), name="stop"),
    path(f"{_PLAY}pace/", plays.PacePage.as_view(), name="pace"),
    path(f"{_PLAY}change/", taking_part.ChangePage.as_view(), name="change"),
    path(f"{_PLAY}seats/", taking_part.SeatPage.as_view(), name="seat"),
    path(f"{_PLAY}seats/<uuid:seat_id>/leave/", taking_part.LeavePage.as_view(), name="leave"),
    path(f"{_PLAY}answer/", taking_part.AnswerPage.as_view(), name="answer"),
    path(f"{_PLAY}note/", taking_part.NotePage.as_view(), name="note"),
    path(f"{_PLAY}branch/", offspring.BranchPage.as_view(), name="branch"),
    path(f"{_PLAY}replay/", offspring.ReplayPage.as_view(), name="replay"),
    path(f"{_PLAY}delete/", plays.DeleteSimulationPage.as_view(), name="delete"),
]

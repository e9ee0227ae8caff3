from django.urls import path

from simulations import views

app_name = "simulations"
urlpatterns = [
    path("scenarios/", views.ScenariosPage.as_view(), name="scenarios"),
    path("scenarios/<uuid:scenario_id>/", views.ScenarioPage.as_view(), name="scenario"),
    path("scenarios/<uuid:scenario_id>/remove/", views.RemoveScenarioPage.as_view(), name="remove"),
    path("simulations/", views.SimulationsPage.as_view(), name="list"),
    path("simulations/<uuid:simulation_id>/", views.SimulationPage.as_view(), name="simulation"),
    path("simulations/<uuid:simulation_id>/pause/", views.PausePage.as_view(), name="pause"),
    path("simulations/<uuid:simulation_id>/resume/", views.ResumePage.as_view(), name="resume"),
    path("simulations/<uuid:simulation_id>/step/", views.StepPage.as_view(), name="step"),
    path("simulations/<uuid:simulation_id>/stop/", views.StopPage.as_view(), name="stop"),
    path("simulations/<uuid:simulation_id>/pace/", views.PacePage.as_view(), name="pace"),
    path("simulations/<uuid:simulation_id>/delete/", views.DeleteSimulationPage.as_view(), name="delete"),
]

from django.urls import path

from simulations.chat import views

app_name = "conversations"
urlpatterns = [
    path("scenarios/<uuid:scenario_id>/talk/", views.ScenarioPage.as_view(), name="scenario"),
    path("simulations/<uuid:simulation_id>/talk/", views.TalkPage.as_view(), name="talk"),
    path("simulations/<uuid:simulation_id>/talk/turns/", views.TurnsFragment.as_view(), name="turns"),
    path("simulations/<uuid:simulation_id>/talk/complete/", views.CompletePage.as_view(), name="complete"),
    path("simulations/<uuid:simulation_id>/talk/again/", views.AgainPage.as_view(), name="again"),
]

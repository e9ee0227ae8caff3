from django.urls import path

from simulations.sharing import views

app_name = "shared-simulations"
urlpatterns = [
    path("shared/simulations/<str:token>/", views.SharedSimulationPage.as_view(), name="simulation"),
    path("shared/simulations/<str:token>/frames/", views.SharedFrames.as_view(), name="frames"),
]

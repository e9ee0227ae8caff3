from django.urls import path

from simulations.interventions import api

app_name = "api-interventions"
urlpatterns = [
    path("simulations/<uuid:simulation_id>/inject/", api.InjectView.as_view(), name="inject"),
    path("simulations/<uuid:simulation_id>/seats/", api.SeatsView.as_view(), name="seats"),
    path("simulations/<uuid:simulation_id>/seats/answer/", api.AnswerView.as_view(), name="answer"),
    path("simulations/<uuid:simulation_id>/seats/<uuid:seat_id>/", api.SeatView.as_view(), name="seat"),
]

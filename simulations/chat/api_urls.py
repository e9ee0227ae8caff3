from django.urls import path

from simulations.chat import api

app_name = "api-conversations"
urlpatterns = [
    path("simulations/<uuid:simulation_id>/chat/", api.ChatView.as_view(), name="chat"),
    path("simulations/<uuid:simulation_id>/history/", api.HistoryView.as_view(), name="history"),
    path("simulations/<uuid:simulation_id>/complete/", api.CompleteView.as_view(), name="complete"),
]

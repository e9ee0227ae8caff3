from django.urls import path

from agents.schedules import api

app_name = "api-schedules"
urlpatterns = [
    path("schedules/", api.SchedulesView.as_view(), name="schedules"),
    path("schedules/<uuid:schedule_id>/", api.ScheduleView.as_view(), name="schedule"),
]

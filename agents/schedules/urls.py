from django.urls import path

from agents.schedules import pages

app_name = "schedules"
urlpatterns = [
    path("schedules/", pages.SchedulesPage.as_view(), name="list"),
    path("schedules/<uuid:schedule_id>/switch/", pages.SwitchSchedulePage.as_view(), name="switch"),
    path("schedules/<uuid:schedule_id>/delete/", pages.DeleteSchedulePage.as_view(), name="delete"),
    path("crews/<uuid:crew_id>/schedule/", pages.NewSchedulePage.as_view(), name="new"),
]

from django.urls import include, path

from projects import api

app_name = "api-projects"
urlpatterns = [
    path("projects/", api.ProjectsView.as_view(), name="projects"),
    path("projects/<uuid:project_id>/", api.ProjectView.as_view(), name="project"),
    path("runs/<uuid:run_id>/", api.RunView.as_view(), name="run"),
    path("runs/<uuid:run_id>/cancel/", api.CancelRunView.as_view(), name="cancel"),
    path("runs/<uuid:run_id>/retry/", api.RetryRunView.as_view(), name="retry"),
    path("runs/<uuid:run_id>/resume/", api.ResumeRunView.as_view(), name="resume"),
    path("runs/<uuid:run_id>/events/", api.RunEventsView.as_view(), name="events"),
    path("runs/<uuid:run_id>/messages/", api.RunMessagesView.as_view(), name="messages"),
    path("", include("projects.asking.api_urls")),
    path("", include("projects.branching.api_urls")),
    path("", include("projects.replaying.api_urls")),
    path("", include("projects.sharing.api_urls")),
    path("socket-tickets/", api.TicketView.as_view(), name="socket-tickets"),
]

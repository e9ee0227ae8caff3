from django.urls import include, path

from agents import api
from agents.tools.api import RunFilesView, RunFileView

app_name = "api-agents"
urlpatterns = [
    path("agents/", api.AgentsView.as_view(), name="agents"),
    path("agents/<uuid:agent_id>/", api.AgentView.as_view(), name="agent"),
    path("tools/", include("agents.tools.api_urls")),
    path("tasks/", api.TasksView.as_view(), name="tasks"),
    path("tasks/<uuid:task_id>/", api.TaskView.as_view(), name="task"),
    path("crews/", api.CrewsView.as_view(), name="crews"),
    path("crews/import/", api.ImportCrewView.as_view(), name="import-crew"),
    path("crews/<uuid:crew_id>/", api.CrewView.as_view(), name="crew"),
    path("crews/<uuid:crew_id>/export/", api.ExportCrewView.as_view(), name="export-crew"),
    path("runs/", api.StartRunsView.as_view(), name="runs"),
    path("runs/<uuid:run_id>/files/", RunFilesView.as_view(), name="run-files"),
    path("runs/<uuid:run_id>/files/<str:name>", RunFileView.as_view(), name="run-file"),
    path("", include("agents.branches.api_urls")),
    path("", include("agents.trials.api_urls")),
    path("knowledge/", include("agents.knowledge.api_urls")),
]

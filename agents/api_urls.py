from django.urls import include, path

from agents import api

app_name = "api-agents"
urlpatterns = [
    path("agents/", api.AgentsView.as_view(), name="agents"),
    path("agents/<uuid:agent_id>/", api.AgentView.as_view(), name="agent"),
    path("tools/", api.ToolsView.as_view(), name="tools"),
    path("tasks/", api.TasksView.as_view(), name="tasks"),
    path("tasks/<uuid:task_id>/", api.TaskView.as_view(), name="task"),
    path("crews/", api.CrewsView.as_view(), name="crews"),
    path("crews/import/", api.ImportCrewView.as_view(), name="import-crew"),
    path("crews/<uuid:crew_id>/", api.CrewView.as_view(), name="crew"),
    path("crews/<uuid:crew_id>/export/", api.ExportCrewView.as_view(), name="export-crew"),
    path("runs/", api.StartRunsView.as_view(), name="runs"),
    path("", include("agents.branches.api_urls")),
    path("", include("agents.trials.api_urls")),
    path("knowledge/", include("agents.knowledge.api_urls")),
]

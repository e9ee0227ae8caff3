from django.urls import include, path

from agents.api import agents, crews, estimates, runs, shelf, tasks, versions
from agents.tools.api import RunFilesView, RunFileView

app_name = "api-agents"
urlpatterns = [
    path("agents/", agents.AgentsView.as_view(), name="agents"),
    path("agents/<uuid:agent_id>/", agents.AgentView.as_view(), name="agent"),
    path("agents/<uuid:agent_id>/versions/", versions.AgentVersionsView.as_view(), name="agent-versions"),
    path("agents/<uuid:agent_id>/versions/<int:number>/", versions.AgentVersionView.as_view(), name="agent-version"),
    path("library/", shelf.LibraryView.as_view(), name="library"),
    path("library/<str:agent_class>/", shelf.LibraryAgentView.as_view(), name="library-agent"),
    path("tools/", include("agents.tools.api_urls")),
    path("tasks/", tasks.TasksView.as_view(), name="tasks"),
    path("tasks/<uuid:task_id>/", tasks.TaskView.as_view(), name="task"),
    path("crews/", crews.CrewsView.as_view(), name="crews"),
    path("crews/import/", crews.ImportCrewView.as_view(), name="import-crew"),
    path("crews/<uuid:crew_id>/", crews.CrewView.as_view(), name="crew"),
    path("crews/<uuid:crew_id>/export/", crews.ExportCrewView.as_view(), name="export-crew"),
    path("crews/<uuid:crew_id>/versions/", versions.CrewVersionsView.as_view(), name="crew-versions"),
    path("crews/<uuid:crew_id>/versions/<int:number>/", versions.CrewVersionView.as_view(), name="crew-version"),
    path(
        "crews/<uuid:crew_id>/versions/<int:number>/restore/",
        versions.RestoreCrewView.as_view(),
        name="restore-crew",
    ),
    path("runs/", runs.StartRunsView.as_view(), name="runs"),
    path("runs/estimate/", estimates.EstimateView.as_view(), name="estimate"),
    path("runs/<uuid:run_id>/files/", RunFilesView.as_view(), name="run-files"),
    path("runs/<uuid:run_id>/files/<str:file_name>", RunFileView.as_view(), name="run-file"),
    path("runs/<uuid:run_id>/pictures/<int:number>/", runs.RunPictureView.as_view(), name="run-picture"),
    path("", include("agents.branches.api_urls")),
    path("", include("agents.trials.api_urls")),
    path("knowledge/", include("agents.knowledge.api_urls")),
]

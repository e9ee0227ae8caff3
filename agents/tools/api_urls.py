from django.urls import path

from agents.tools import api

urlpatterns = [
    path("", api.ToolsView.as_view(), name="tools"),
    path("hosts/", api.HostsView.as_view(), name="tool-hosts"),
    path("hosts/<uuid:host_id>/", api.HostView.as_view(), name="tool-host"),
    path("servers/", api.ServersView.as_view(), name="tool-servers"),
    path("servers/<uuid:server_id>/", api.ServerView.as_view(), name="tool-server"),
    path("servers/<uuid:server_id>/refresh/", api.RefreshServerView.as_view(), name="refresh-tool-server"),
]

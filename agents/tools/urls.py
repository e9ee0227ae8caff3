from django.urls import path

from agents.tools import views

app_name = "tools"
urlpatterns = [
    path("settings/tools/", views.ToolsPage.as_view(), name="tools"),
    path("settings/tools/hosts/", views.AllowHostPage.as_view(), name="allow-host"),
    path("settings/tools/hosts/<uuid:host_id>/remove/", views.RemoveHostPage.as_view(), name="remove-host"),
    path("settings/tools/servers/", views.AddServerPage.as_view(), name="add-server"),
    path("settings/tools/servers/<uuid:server_id>/refresh/", views.RefreshServerPage.as_view(), name="refresh-server"),
    path("settings/tools/servers/<uuid:server_id>/switch/", views.SwitchServerPage.as_view(), name="switch-server"),
    path("settings/tools/servers/<uuid:server_id>/remove/", views.RemoveServerPage.as_view(), name="remove-server"),
]

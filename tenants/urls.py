from django.urls import path

from tenants import views

app_name = "tenants"
urlpatterns = [
    path("workspaces/", views.WorkspacesPage.as_view(), name="workspaces"),
    path("workspaces/new/", views.NewWorkspacePage.as_view(), name="new"),
    path("invitations/", views.RememberedInvitationPage.as_view(), name="looked-at"),
    path("invitations/<slug:secret>/", views.InvitationPage.as_view(), name="invitation"),
    path("theme/", views.ThemePage.as_view(), name="theme"),
]

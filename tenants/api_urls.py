from django.urls import path

from tenants.people import accounts, invitations, tokens, workspaces

app_name = "api-tenants"
urlpatterns = [
    path("auth/register/", accounts.RegisterView.as_view(), name="register"),
    path("auth/token/", tokens.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", tokens.RefreshView.as_view(), name="refresh"),
    path("auth/token/revoke/", tokens.RevokeView.as_view(), name="revoke"),
    path("users/me/", accounts.MeView.as_view(), name="me"),
    path("invitations/accept/", invitations.AcceptView.as_view(), name="accept-invitation"),
    path("workspaces/", workspaces.WorkspacesView.as_view(), name="workspaces"),
]

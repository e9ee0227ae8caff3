from django.urls import path

from tenants.workspace.views import invitations, keys, log, members

app_name = "tenants"
urlpatterns = [
    path("members/", members.MembersPage.as_view(), name="members"),
    path("members/<uuid:membership_id>/role/", members.ChangeRolePage.as_view(), name="change-role"),
    path("members/<uuid:membership_id>/remove/", members.RemoveMemberPage.as_view(), name="remove-member"),
    path("members/invitations/", invitations.InvitationsPage.as_view(), name="invitations"),
    path(
        "members/invitations/<uuid:invitation_id>/renew/",
        invitations.RenewInvitationPage.as_view(),
        name="renew-invitation",
    ),
    path(
        "members/invitations/<uuid:invitation_id>/revoke/",
        invitations.RevokeInvitationPage.as_view(),
        name="revoke-invitation",
    ),
    path("keys/", keys.KeysPage.as_view(), name="keys"),
    path("keys/<uuid:key_id>/revoke/", keys.RevokeKeyPage.as_view(), name="revoke-key"),
    path("settings/log/", log.LogPage.as_view(), name="log"),
    path("settings/log/audit.csv", log.LogFilePage.as_view(), name="log-file"),
]

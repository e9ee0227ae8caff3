from django.urls import path

from tenants.people import invitations, keys, log, members

app_name = "api-workspace"
urlpatterns = [
    path("members/", members.MembersView.as_view(), name="members"),
    path("members/<uuid:membership_id>/", members.MemberView.as_view(), name="member"),
    path("invitations/", invitations.InvitationsView.as_view(), name="invitations"),
    path("invitations/<uuid:invitation_id>/", invitations.InvitationView.as_view(), name="invitation"),
    path("invitations/<uuid:invitation_id>/renew/", invitations.RenewInvitationView.as_view(), name="renew-invitation"),
    path("api-keys/", keys.KeysView.as_view(), name="keys"),
    path("api-keys/<uuid:key_id>/", keys.KeyView.as_view(), name="key"),
    path("audit/", log.LogView.as_view(), name="audit"),
]

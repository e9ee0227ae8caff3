from django.urls import path

from tenants.workspace import views

app_name = "tenants"
urlpatterns = [
    path("members/", views.MembersPage.as_view(), name="members"),
    path("members/<uuid:membership_id>/role/", views.ChangeRolePage.as_view(), name="change-role"),
    path("members/<uuid:membership_id>/remove/", views.RemoveMemberPage.as_view(), name="remove-member"),
    path("keys/", views.KeysPage.as_view(), name="keys"),
    path("keys/<uuid:key_id>/revoke/", views.RevokeKeyPage.as_view(), name="revoke-key"),
]

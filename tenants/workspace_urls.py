from django.urls import path

from tenants.workspace import views

app_name = "tenants"
urlpatterns = [
    path("members/", views.MembersPage.as_view(), name="members"),
    path("members/<uuid:membership_id>/role/", views.ChangeRolePage.as_view(), name="change-role"),
    path("members/<uuid:membership_id>/remove/", views.RemoveMemberPage.as_view(), name="remove-member"),
]

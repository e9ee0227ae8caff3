from django.urls import path

from tenants.notifications import api

app_name = "api-notifications"
urlpatterns = [
    path("users/me/notifications/", api.NotificationsView.as_view(), name="list"),
    path("users/me/notifications/read/", api.ReadView.as_view(), name="read"),
    path("users/me/notifications/mail/", api.MailView.as_view(), name="mail"),
]

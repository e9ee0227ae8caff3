from django.urls import path

from tenants.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.ListPage.as_view(), name="list"),
    path("notifications/read/", views.ReadPage.as_view(), name="read"),
    path("notifications/mail/", views.MailPage.as_view(), name="mail"),
    path("notifications/bell/", views.Bell.as_view(), name="bell"),
]

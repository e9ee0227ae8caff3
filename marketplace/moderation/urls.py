from django.urls import path

from marketplace.moderation import views

app_name = "moderation"
urlpatterns = [
    path("market/<slug:publisher>/<slug:slug>/report/", views.Report.as_view(), name="report"),
    path("appeals/", views.Decisions.as_view(), name="decisions"),
    path("appeals/<uuid:token>/", views.Appeal.as_view(), name="appeal"),
]

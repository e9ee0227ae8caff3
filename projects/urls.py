from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("runs/", views.RunsPage.as_view(), name="runs"),
    path("runs/<uuid:run_id>/", views.RunPage.as_view(), name="run"),
    path("runs/<uuid:run_id>/story/", views.RunStoryPart.as_view(), name="story"),
    path("runs/<uuid:run_id>/cancel/", views.CancelRunPage.as_view(), name="cancel"),
    path("runs/<uuid:run_id>/retry/", views.RetryRunPage.as_view(), name="retry"),
    path("runs/<uuid:run_id>/resume/", views.ResumeRunPage.as_view(), name="resume"),
]

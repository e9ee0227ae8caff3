from django.urls import path

from projects import views
from projects.branching.views import ComparePage
from projects.pages import family, questions, tabs

app_name = "projects"
urlpatterns = [
    path("questions/", questions.QuestionsPage.as_view(), name="questions"),
    path("questions/<uuid:question_id>/", questions.QuestionPage.as_view(), name="question"),
    path("runs/", views.RunsPage.as_view(), name="runs"),
    path("runs/compare/", ComparePage.as_view(), name="compare"),
    path("runs/<uuid:run_id>/", views.RunPage.as_view(), name="run"),
    path("runs/<uuid:run_id>/story/", views.RunStoryPart.as_view(), name="story"),
    path("runs/<uuid:run_id>/timeline/", tabs.TimelinePage.as_view(), name="timeline"),
    path("runs/<uuid:run_id>/log/", tabs.LogPage.as_view(), name="log"),
    path("runs/<uuid:run_id>/output/", tabs.OutputPage.as_view(), name="output"),
    path("runs/<uuid:run_id>/output.md", tabs.OutputFile.as_view(), {"form": "md"}, name="output-md"),
    path("runs/<uuid:run_id>/output.json", tabs.OutputFile.as_view(), {"form": "json"}, name="output-json"),
    path("runs/<uuid:run_id>/costs/", tabs.CostsPage.as_view(), name="costs"),
    path("runs/<uuid:run_id>/branches/", family.BranchesPage.as_view(), name="branches"),
    path("runs/<uuid:run_id>/replay/", family.ReplayPage.as_view(), name="replay"),
    path("runs/<uuid:run_id>/share/", family.SharePage.as_view(), name="share"),
    path("runs/<uuid:run_id>/share/<uuid:link_id>/revoke/", family.RevokeLinkPage.as_view(), name="revoke-link"),
    path("runs/<uuid:run_id>/cancel/", views.CancelRunPage.as_view(), name="cancel"),
    path("runs/<uuid:run_id>/retry/", views.RetryRunPage.as_view(), name="retry"),
    path("runs/<uuid:run_id>/resume/", views.ResumeRunPage.as_view(), name="resume"),
]

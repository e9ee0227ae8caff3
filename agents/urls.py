from django.urls import path

from agents.pages import branch, crews, documents, files, meaning, trials, versions

app_name = "agents"
urlpatterns = [
    path("runs/<uuid:run_id>/branch/<str:task>/", branch.BranchPage.as_view(), name="branch"),
    path("runs/<uuid:run_id>/files/", files.RunFilesPage.as_view(), name="run-files"),
    path("runs/<uuid:run_id>/files/<str:file_name>", files.RunFilePage.as_view(), name="run-file"),
    path("runs/<uuid:run_id>/pictures/<int:number>/", files.RunPicturePage.as_view(), name="run-picture"),
    path("runs/<uuid:run_id>/keep/", branch.KeepPage.as_view(), name="keep"),
    path("crews/", crews.CrewsPage.as_view(), name="crews"),
    path("crews/<uuid:crew_id>/", crews.CrewPage.as_view(), name="crew"),
    path("crews/<uuid:crew_id>/versions/", versions.CrewVersionsPage.as_view(), name="crew-versions"),
    path(
        "crews/<uuid:crew_id>/versions/<int:number>/restore/",
        versions.RestoreVersionPage.as_view(),
        name="restore-version",
    ),
    path("crews/<uuid:crew_id>/tests/", trials.CrewTestsPage.as_view(), name="crew-tests"),
    path("crews/<uuid:crew_id>/tests/<uuid:test_id>/drop/", trials.DropTestPage.as_view(), name="drop-test"),
    path("documents/", documents.DocumentsPage.as_view(), name="documents"),
    path("documents/meaning/", meaning.MeaningPage.as_view(), name="meaning"),
    path("documents/<uuid:document_id>/", documents.DocumentPage.as_view(), name="document"),
    path("documents/<uuid:document_id>/delete/", documents.DeleteDocumentPage.as_view(), name="delete-document"),
    path("documents/<uuid:document_id>/retry/", documents.RetryDocumentPage.as_view(), name="retry-document"),
]

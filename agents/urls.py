from django.urls import path

from agents.pages import documents

app_name = "agents"
urlpatterns = [
    path("documents/", documents.DocumentsPage.as_view(), name="documents"),
    path("documents/<uuid:document_id>/", documents.DocumentPage.as_view(), name="document"),
    path("documents/<uuid:document_id>/delete/", documents.DeleteDocumentPage.as_view(), name="delete-document"),
    path("documents/<uuid:document_id>/retry/", documents.RetryDocumentPage.as_view(), name="retry-document"),
]

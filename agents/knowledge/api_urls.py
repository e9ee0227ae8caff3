from django.urls import path

from agents.knowledge import api

urlpatterns = [
    path("collections/", api.CollectionsView.as_view(), name="collections"),
    path("collections/<uuid:collection_id>/", api.CollectionView.as_view(), name="collection"),
    path("documents/", api.DocumentsView.as_view(), name="documents"),
    path("documents/<uuid:document_id>/", api.DocumentView.as_view(), name="document"),
    path("documents/<uuid:document_id>/content/", api.DocumentContentView.as_view(), name="document-content"),
    path("documents/<uuid:document_id>/passages/", api.DocumentPassagesView.as_view(), name="document-passages"),
    path("documents/<uuid:document_id>/retry/", api.RetryDocumentView.as_view(), name="document-retry"),
    path("embedder/", api.EmbedderView.as_view(), name="embedder"),
    path("embedder/retry/", api.RetryEmbedderView.as_view(), name="embedder-retry"),
    path("search/", api.SearchView.as_view(), name="knowledge-search"),
    path("citations/", api.CitationsView.as_view(), name="knowledge-citations"),
]

from django.urls import path

from simulations.notes import api

app_name = "api-bookmarks"
urlpatterns = [
    path("simulations/<uuid:simulation_id>/bookmarks/", api.BookmarksView.as_view(), name="bookmarks"),
    path("simulations/<uuid:simulation_id>/bookmarks/<uuid:bookmark_id>/", api.BookmarkView.as_view(), name="bookmark"),
]

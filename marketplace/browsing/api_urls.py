from django.urls import path

from marketplace.browsing import api

app_name = "api-marketplace"
urlpatterns = [
    path("marketplace/listings/", api.ListingsView.as_view(), name="listings"),
    path("marketplace/listings/<slug:publisher>/<slug:slug>/", api.ListingView.as_view(), name="listing"),
    path("marketplace/listings/<slug:publisher>/<slug:slug>/versions/", api.VersionsView.as_view(), name="versions"),
]

from django.urls import path

from marketplace.browsing.views import front, listing, people

app_name = "marketplace"
LISTING = "market/<slug:publisher>/<slug:slug>/"
urlpatterns = [
    path("", front.Home.as_view(), name="home"),
    path("market/", front.Search.as_view(), name="search"),
    path("market/favourites/", people.Favourites.as_view(), name="favourites"),
    path("market/collections/", people.Collections.as_view(), name="collections"),
    path("market/collections/<slug:slug>/", people.CollectionPage.as_view(), name="collection"),
    path("market/<slug:publisher>/", people.PublisherPage.as_view(), name="publisher"),
    path(LISTING, listing.Overview.as_view(), name="listing"),
    path(f"{LISTING}permissions/", listing.Permissions.as_view(), name="permissions"),
    path(f"{LISTING}versions/", listing.Versions.as_view(), name="versions"),
    path(f"{LISTING}api/", listing.Api.as_view(), name="api"),
    path(f"{LISTING}share/", listing.Share.as_view(), name="share"),
    path(f"{LISTING}save/", people.Save.as_view(), name="save"),
    path(f"{LISTING}install/", listing.IntoWorkspace.as_view(), name="install"),
    path(f"{LISTING}remix/", listing.IntoWorkspace.as_view(page="remixing:new"), name="remix"),
]

from django.urls import path

from marketplace.browsing.api import listings, people

app_name = "api-marketplace"
MARKET, ONE = "marketplace/listings/", "marketplace/listings/<slug:publisher>/<slug:slug>/"
urlpatterns = [
    path(MARKET, listings.ListingsView.as_view(), name="listings"),
    path("marketplace/facets/", listings.FacetsView.as_view(), name="facets"),
    path(ONE, listings.ListingView.as_view(), name="listing"),
    path(f"{ONE}versions/", listings.VersionsView.as_view(), name="versions"),
    path(f"{ONE}difference/", listings.DifferenceView.as_view(), name="difference"),
    path("marketplace/publishers/<slug:publisher>/", people.PublisherView.as_view(), name="publisher"),
    path(
        "marketplace/publishers/<slug:publisher>/listings/",
        people.PublisherListingsView.as_view(),
        name="publisher-listings",
    ),
    path("marketplace/collections/", people.CollectionsView.as_view(), name="collections"),
    path("marketplace/collections/<slug:slug>/", people.CollectionView.as_view(), name="collection"),
    path("marketplace/favourites/", people.FavouritesView.as_view(), name="favourites"),
    path(
        "marketplace/favourites/<slug:publisher>/<slug:slug>/",
        people.FavouriteView.as_view(),
        name="favourite",
    ),
]

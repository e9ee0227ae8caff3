from django.urls import path

from marketplace.browsing import views

app_name = "marketplace"
LISTING = "market/<slug:publisher>/<slug:slug>/"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("market/", views.Search.as_view(), name="search"),
    path(LISTING, views.Overview.as_view(), name="listing"),
    path(f"{LISTING}permissions/", views.Permissions.as_view(), name="permissions"),
    path(f"{LISTING}versions/", views.Versions.as_view(), name="versions"),
    path(f"{LISTING}install/", views.ChooseWorkspace.as_view(), name="install"),
]

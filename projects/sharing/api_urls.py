from django.urls import path

from projects.sharing import api

app_name = "api-sharing"
urlpatterns = [
    path("runs/<uuid:run_id>/links/", api.LinksView.as_view(), name="links"),
    path("runs/<uuid:run_id>/links/<uuid:link_id>/", api.LinkView.as_view(), name="link"),
]

from django.urls import path

from simulations.sharing import api

app_name = "api-simulation-links"
urlpatterns = [
    path("simulations/<uuid:simulation_id>/share/", api.SharesView.as_view(), name="shares"),
    path("simulations/<uuid:simulation_id>/share/<uuid:link_id>/", api.ShareView.as_view(), name="share"),
]

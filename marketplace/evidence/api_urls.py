from django.urls import path

from marketplace.evidence import api

app_name = "api-evidence"
urlpatterns = [
    path("marketplace/listings/<slug:publisher>/<slug:slug>/figures/", api.FiguresView.as_view(), name="figures"),
]

from django.urls import path

from marketplace.remixing import api

app_name = "api-remixing"
urlpatterns = [path("remixes/", api.RemixesView.as_view(), name="remixes")]

from django.urls import path

from projects.replaying import api

app_name = "api-replaying"
urlpatterns = [path("runs/<uuid:run_id>/replay/", api.ReplayView.as_view(), name="replay")]

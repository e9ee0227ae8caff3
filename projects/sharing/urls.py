from django.urls import path

from projects.sharing import views

app_name = "shared"
urlpatterns = [path("shared/runs/<str:token>/", views.SharedRunPage.as_view(), name="run")]

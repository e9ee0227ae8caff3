from django.urls import path

from marketplace.evidence import views

app_name = "contribution"
urlpatterns = [path("settings/figures/", views.ContributionPage.as_view(), name="page")]

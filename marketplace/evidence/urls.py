from django.urls import path

from marketplace.evidence import views

app_name = "evidence"
urlpatterns = [
    path("market/<slug:publisher>/<slug:slug>/figures/", views.FiguresTab.as_view(), name="figures"),
]

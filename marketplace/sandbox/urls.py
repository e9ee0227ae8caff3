from django.urls import path

from marketplace.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("market/<slug:publisher>/<slug:slug>/sample/", views.Sample.as_view(), name="sample"),
    path("trials/<str:token>/", views.TrialPage.as_view(), name="trial"),
]

from django.urls import path

from marketplace.remixing import views

app_name = "remixing"
urlpatterns = [path("remix/<slug:publisher>/<slug:slug>/", views.NewRemix.as_view(), name="new")]

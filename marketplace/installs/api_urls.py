from django.urls import URLPattern

app_name = "api-installs"
urlpatterns: list[URLPattern] = []

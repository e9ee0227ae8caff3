from django.urls import URLPattern

app_name = "installs"
urlpatterns: list[URLPattern] = []

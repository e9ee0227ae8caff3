from django.urls import URLPattern

app_name = "api-workspace"
urlpatterns: list[URLPattern] = []

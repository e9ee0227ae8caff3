from django.urls import URLPattern

app_name = "api-agents"
urlpatterns: list[URLPattern] = []

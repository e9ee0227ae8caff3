from django.urls import URLPattern

app_name = "api-tenants"
urlpatterns: list[URLPattern] = []

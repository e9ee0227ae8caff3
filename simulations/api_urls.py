from django.urls import URLPattern

app_name = "api-simulations"
urlpatterns: list[URLPattern] = []

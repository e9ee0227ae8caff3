from django.urls import include, path

app_name = "api-agents"
urlpatterns = [
    path("knowledge/", include("agents.knowledge.api_urls")),
]

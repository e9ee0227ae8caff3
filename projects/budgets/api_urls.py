from django.urls import path

from projects.budgets import api

app_name = "api-budgets"
urlpatterns = [
    path("budgets/", api.BudgetsView.as_view(), name="budgets"),
    path("budgets/<uuid:budget_id>/", api.BudgetView.as_view(), name="budget"),
    path("usage/", api.UsageView.as_view(), name="usage"),
]

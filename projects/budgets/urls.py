from django.urls import path

from projects.budgets import views

app_name = "budgets"
urlpatterns = [
    path("settings/budgets/", views.BudgetsPage.as_view(), name="budgets"),
    path("settings/budgets/usage.csv", views.UsagePage.as_view(), name="usage"),
    path("settings/budgets/<uuid:budget_id>/", views.BudgetPage.as_view(), name="budget"),
    path("settings/budgets/<uuid:budget_id>/delete/", views.DeleteBudgetPage.as_view(), name="delete-budget"),
]

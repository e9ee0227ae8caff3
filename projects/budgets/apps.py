from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "projects.budgets"
    label = "budgets"
    verbose_name = "Budgets"

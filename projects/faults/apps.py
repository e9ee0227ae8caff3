from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "projects.faults"
    label = "faults"
    verbose_name = "Errors"

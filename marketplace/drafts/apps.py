from django.apps import AppConfig


class DraftsConfig(AppConfig):
    name = "marketplace.drafts"
    label = "drafts"
    verbose_name = "Drafts"

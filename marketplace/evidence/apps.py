from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "marketplace.evidence"
    label = "evidence"
    verbose_name = "Evidence"

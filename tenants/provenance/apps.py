from django.apps import AppConfig


class ProvenanceConfig(AppConfig):
    name = "tenants.provenance"
    label = "provenance"
    verbose_name = "Provenance"

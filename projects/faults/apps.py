from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "projects.faults"
    label = "faults"
    verbose_name = "Errors"

    def ready(self) -> None:
        from django.core.signals import got_request_exception

        from projects.faults import outside

        got_request_exception.connect(outside.request_broke, dispatch_uid="faults")

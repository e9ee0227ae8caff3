from django.apps import AppConfig


class InstallsConfig(AppConfig):
    name = "marketplace.installs"
    label = "installs"
    verbose_name = "Installed"

    def ready(self) -> None:
        from marketplace.installs import offering, renewing
        from marketplace.installs.services import removing
        from projects.work import queue

        queue.register(offering.KIND, renewing.look_for_update, give_up=renewing.give_up)
        queue.register(removing.FORGET, renewing.forget, give_up=renewing.give_up)

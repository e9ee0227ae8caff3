from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "marketplace.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox"

    def ready(self) -> None:
        from marketplace.sandbox import trying
        from projects.work import queue

        queue.register_async(trying.WORK, trying.carry_out, give_up=trying.give_up)

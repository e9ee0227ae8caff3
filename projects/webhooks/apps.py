from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "projects.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from projects.webhooks import execution
        from projects.work import queue

        queue.register_async(execution.KIND, execution.run, give_up=execution.give_up)

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "agents.schedules"
    label = "schedules"
    verbose_name = "Schedules"

    def ready(self) -> None:
        from agents.schedules import execution
        from projects.work import queue

        queue.register(execution.KIND, execution.run, give_up=execution.give_up)

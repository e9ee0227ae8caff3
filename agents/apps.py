from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents and crews"

    def ready(self) -> None:
        from agents.knowledge import execution, services
        from projects.work import queue

        queue.register(services.WORK, execution.read_document, give_up=execution.give_up)

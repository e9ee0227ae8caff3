from django.apps import AppConfig


class SimulationsConfig(AppConfig):
    name = "simulations"
    verbose_name = "Scenarios and simulations"

    def ready(self) -> None:
        from projects.budgets import books
        from projects.realtime import topics
        from projects.work import queue
        from simulations import access, execution, queries, spending

        queue.register(execution.KIND, execution.run, give_up=execution.give_up)
        topics.register("simulation", access.watch_simulation, past=queries.messages_after)
        books.register(spending.used)

from django.apps import AppConfig


class SweepsConfig(AppConfig):
    name = "simulations.sweeps"
    label = "sweeps"
    verbose_name = "Sweeps"

    def ready(self) -> None:
        from projects.work import queue
        from simulations import endings
        from simulations.sweeps import execution, waking

        queue.register(execution.KIND, execution.run, give_up=execution.give_up)
        endings.listen(waking.play_ended)

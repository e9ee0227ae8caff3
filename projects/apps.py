from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        from projects import watching
        from projects.asking import deadlines, timing
        from projects.work import queue

        watching.register_topics()
        queue.register(timing.REMINDER, deadlines.remind, give_up=deadlines.give_up)
        queue.register(timing.DEADLINE, deadlines.expire, give_up=deadlines.give_up)

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        from projects import watching
        from projects.asking import deadlines, timing
        from projects.realtime import publish
        from projects.work import queue
        from tenants.notifications import live

        watching.register_topics()
        live.carry_by(publish)
        queue.register(timing.REMINDER, deadlines.remind, give_up=deadlines.give_up)
        queue.register(timing.DEADLINE, deadlines.expire, give_up=deadlines.give_up)

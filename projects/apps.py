from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        from projects import watching

        watching.register_topics()

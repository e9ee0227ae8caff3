from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from projects.work.leases import Ending, Lease


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents and crews"

    def ready(self) -> None:
        from agents.knowledge import execution as reading
        from agents.knowledge import services as knowledge
        from agents.knowledge import sources
        from projects import citing
        from projects.models import Run
        from projects.services import give_up
        from projects.work import queue

        citing.register(sources.look_for)
        queue.register(knowledge.WORK, reading.read_document, give_up=reading.give_up)
        for kind in (Run.Kind.CREW, Run.Kind.AGENT):
            queue.register(kind, _run, give_up=give_up)


def _run(lease: Lease) -> Ending:
    """Loads the model clients on the first run, so that web processes never do."""
    from agents.execution import run

    return run(lease)

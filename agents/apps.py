from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from projects.work.leases import Ending, Lease


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents and crews"

    def ready(self) -> None:
        from agents import queries
        from agents.branches import allowing, files
        from agents.execution import failing
        from agents.knowledge import embedding, sources, usage
        from agents.knowledge import execution as reading
        from agents.knowledge import services as knowledge
        from agents.pictures import keeping
        from agents.trials import execution as trials
        from projects import citing
        from projects.branching import belongings
        from projects.budgets import books, subjects
        from projects.models import Run
        from projects.services import give_up
        from projects.work import queue

        citing.register(sources.look_for)
        subjects.register(queries.names)
        books.register(usage.used)
        failing.register_families()
        belongings.register(belongings.Keeper(files.copy_files, keeping.give_pictures, files.delete_files))
        belongings.bind_by(allowing.as_allowed_now)
        queue.register(knowledge.WORK, reading.read_document, give_up=reading.give_up)
        queue.register(embedding.WORK, embedding.embed_passages, give_up=embedding.give_up)
        queue.register(trials.WORK, trials.try_out, give_up=trials.give_up)
        for kind in (Run.Kind.CREW, Run.Kind.AGENT):
            queue.register_async(kind, _run, give_up=give_up)


async def _run(lease: Lease) -> Ending:
    """Loads the model clients on the first run, so that web processes never do."""
    from agents.execution.running import run

    return await run(lease)

"""What workers do for this app besides carrying out runs."""

from __future__ import annotations

import threading
from typing import Any

from celery.signals import worker_ready

from agents.runtimes.crew import warm_up
from projects.services import QUEUE


@worker_ready.connect
def load_crewai_early(sender: Any, **_: Any) -> None:
    """In the background of a worker for crews, so that its first run does not wait for the import."""
    if QUEUE in {queue.name for queue in sender.task_consumer.queues}:
        threading.Thread(target=warm_up, kwargs={"for_good": True}, name="load-crewai", daemon=True).start()

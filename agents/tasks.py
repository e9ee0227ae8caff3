"""What a worker for crews does before its first run."""

from __future__ import annotations

import threading
from typing import Any

from celery.signals import worker_ready

from agents.runtimes.crew import warm_up
from projects.services import QUEUE


@worker_ready.connect
def _warm_up(sender: Any = None, **_: Any) -> None:
    """Load CrewAI beside the first work, not before it: the worker takes documents at once."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()

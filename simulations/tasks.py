"""What workers do for this app besides playing simulations."""

from __future__ import annotations

from typing import Any

from celery.signals import celeryd_after_setup

from simulations import execution


@celeryd_after_setup.connect
def load_engine_early(instance: Any, **_: Any) -> None:
    """In a worker for simulations, before it forks: its children share what is loaded by then."""
    if execution.QUEUE in instance.app.amqp.queues.consume_from:
        execution.warm_up()

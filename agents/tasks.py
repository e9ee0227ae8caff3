"""What workers do for this app besides carrying out runs."""

from __future__ import annotations

import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from agents.runtimes.crew import warm_up
from agents.tools.sweeping import sweep
from projects.services import QUEUE
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tenants.tasks import PublicTask


@worker_ready.connect
def load_crewai_early(sender: Any, **_: Any) -> None:
    """In the background of a worker for crews, so that its first run does not wait for the import."""
    if QUEUE in {queue.name for queue in sender.task_consumer.queues}:
        threading.Thread(target=warm_up, kwargs={"for_good": True}, name="load-crewai", daemon=True).start()


@shared_task(base=PublicTask, name="agents.sweep_files")
def sweep_files() -> None:
    """Once a day: no file stays of a run that is not there."""
    for schema in Tenant.objects.exclude(schema_name=PUBLIC).values_list("schema_name", flat=True):
        with enter(schema):
            sweep()

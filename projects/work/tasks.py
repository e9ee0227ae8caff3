"""What Celery wakes: a worker takes the next thing to do."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import InterfaceError, OperationalError

from projects.work import carrying, leases, queue
from projects.work.keeper import Keeper
from projects.work.leases import Ending, Lease, LeaseLost
from projects.work.queue import AsyncRunner, Kind
from projects.work.runner import runner
from projects.work.threads import loop_of_thread
from tenants.context import PUBLIC, enter
from tenants.tasks import PublicTask

log = logging.getLogger("guildhall.work")
QUEUES = ("crews", "simulations", "default")
HANDING_BACK_SECONDS = 5.0


@shared_task(base=PublicTask, name=queue.TASK, bind=True)
def work(self: Any, kind: str = "") -> None:
    """Take the next item of the queue that this hint came by, and carry it through.

    What shares an event loop is left to the process's runner: there the hint only wakes it.
    """
    name = (self.request.delivery_info or {}).get("routing_key", "default")
    shared = queue.kinds_async()
    if shared:
        runner.wake(name)
    if kind in shared:
        return
    lease = leases.claim([name], without=shared)
    if lease is None:
        return
    try:
        carry_out(lease)
    except Exception:  # raised again: the lease is free at once
        leases.drop(lease)
        raise


def carry_out(lease: Lease) -> None:
    """Carry one leased item through in this thread, whatever its kind."""
    if not carrying.is_active(lease.schema):
        leases.end(lease, "failed", carrying.GONE)
        return
    kind = queue.kind_of(lease.kind)
    try:
        with enter(lease.schema):
            ending = _carried_out(kind, lease)
    except LeaseLost as lost:
        log.info("%s", lost)
        ending = "queued"
    except (OperationalError, InterfaceError):
        log.warning("The database went away during %s %s; it goes on later", lease.kind, lease.object_id, exc_info=True)
        hand_back(lease)
        return
    except Exception as error:  # a bug in one piece of work ends that piece, in words
        log.exception("%s %s in %s stopped by a bug", lease.kind, lease.object_id, lease.schema)
        with enter(lease.schema):
            kind.give_up(lease.object_id, carrying.worded(error))
        ending = "failed"
    with enter(PUBLIC):
        carrying.give_up_lease(lease, ending)


def _carried_out(kind: Kind, lease: Lease) -> Ending:
    if kind.run is not None:
        return kind.run(lease)
    if kind.run_async is None:
        raise TypeError(f"Nobody carries out work of the kind {lease.kind}.")
    return loop_of_thread().run(_awaited(kind.run_async, lease))


async def _awaited(run: AsyncRunner, lease: Lease) -> Ending:
    return await run(lease)


def hand_back(lease: Lease) -> None:
    """Put work back that an outage of the database stopped, once it answers again."""
    for _ in range(carrying.OUTAGE_TRIES):
        if carrying.handed_back(lease):
            return
        time.sleep(1)


keeper = Keeper(carry_out)


@worker_ready.connect
def _keep(sender: Any = None, **_: Any) -> None:
    """Of workers that do their work in processes of their own, only the children serve the queues."""
    in_threads = "prefork" not in sender.pool.__class__.__module__
    keeper.start(_queues_served() if in_threads else ())


@worker_process_init.connect
def _keep_in_child(**_: Any) -> None:
    keeper.start(_queues_served())


def _queues_served() -> list[str]:
    """What this worker was told to serve."""
    return list(current_app.amqp.queues.consume_from)


@worker_shutting_down.connect
def _drain(**_: Any) -> None:
    """Work in progress stops at its next step and goes back to the queue, without counting as a crash."""
    leases.drain()
    runner.wake_up()


@worker_shutdown.connect
def _wait(**_: Any) -> None:
    """The runner's work is none of Celery's tasks, so nobody else waits for it."""
    runner.join(settings.DRAIN_SECONDS + HANDING_BACK_SECONDS)
    leases.rest()

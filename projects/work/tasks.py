"""What Celery wakes: a worker takes the next thing to do, and the sweeper takes back what a dead worker held."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from projects.work import carrying, leases, queue
from projects.work.leases import Ending, Lease, LeaseLost
from projects.work.queue import AsyncRunner, Kind
from projects.work.runner import runner
from tenants.context import PUBLIC, enter
from tenants.tasks import PublicTask

log = logging.getLogger("guildhall.work")
QUEUES = ("crews", "simulations", "default")
HANDING_BACK_SECONDS = 5.0
_of_thread = threading.local()
HINT_AGAIN_SECONDS = 10


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
    except Exception:
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
    except Exception as error:
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
    return _loop().run(_awaited(kind.run_async, lease))


async def _awaited(run: AsyncRunner, lease: Lease) -> Ending:
    return await run(lease)


def _loop() -> asyncio.Runner:
    """One per thread, as connections to model servers and to Redis belong to a loop."""
    found: asyncio.Runner | None = getattr(_of_thread, "loop", None)
    if found is None:
        found = _of_thread.loop = asyncio.Runner()
    return found


def hand_back(lease: Lease) -> None:
    """Put work back that an outage of the database stopped, once it answers again."""
    for _ in range(carrying.OUTAGE_TRIES):
        if carrying.handed_back(lease):
            return
        time.sleep(1)


_EXPIRED = """
UPDATE work_workitem SET crashes = crashes + 1, owner = '', lease_until = NULL, queued_at = now(), hinted_at = NULL, updated_at = now(),
       state = CASE WHEN crashes + 1 >= %s THEN 'failed' ELSE 'queued' END
WHERE id IN (SELECT id FROM work_workitem WHERE state = 'running' AND lease_until < now() LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING schema, kind, object_id, state, crashes"""

_TELL_LATER = """
UPDATE work_workitem SET state = 'running', owner = 'sweeper', lease_until = now() - interval '1 second', updated_at = now()
WHERE schema = %s AND kind = %s AND object_id = %s AND state = 'failed'"""

_UNHEARD = """
UPDATE work_workitem SET hinted_at = now()
WHERE id IN (SELECT id FROM work_workitem WHERE state = 'queued' AND queued_at <= now()
             AND coalesce(hinted_at, queued_at) < now() - %s * interval '1 second' LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING queue, kind"""


@shared_task(base=PublicTask, name="work.sweep")
def sweep() -> None:
    """Take back expired leases, give up on what crashed too often, hint again at what nobody heard of."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_EXPIRED, [queue.most_crashes()])
        expired = cursor.fetchall()
    for schema, kind, object_id, state, crashes in expired:
        log.warning("%s %s in %s lost its worker (%s times)", kind, object_id, schema, crashes)
        if state == "failed":
            _give_up(schema, kind, object_id, f"Its worker died {crashes} times; it will not be tried again.")
    with connection.cursor() as cursor:
        cursor.execute(_UNHEARD, [0 if expired else HINT_AGAIN_SECONDS])
        unheard = cursor.fetchall()
    for name, kind in unheard:
        queue.hint(name, kind, loudly=True)  # a runner that is frozen still counts as a listener


def _give_up(schema: str, kind: str, object_id: UUID, reason: str) -> None:
    """Tell the owner of the work. One that cannot be told now is told at a later sweep, and holds up nobody else."""
    try:
        with enter(schema):
            queue.kind_of(kind).give_up(object_id, reason)
    except Exception:
        log.exception("%s %s in %s could not be given up", kind, object_id, schema)
        with connection.cursor() as cursor:
            cursor.execute(_TELL_LATER, [schema, kind, object_id])


@worker_shutting_down.connect
def _drain(**_: Any) -> None:
    """Work in progress stops at its next step and goes back to the queue, without counting as a crash."""
    leases.drain()
    runner.wake_up()


@worker_shutdown.connect
def _wait(**_: Any) -> None:
    """The runner's work is none of Celery's tasks, so nobody else waits for it."""
    runner.join(settings.DRAIN_SECONDS + HANDING_BACK_SECONDS)

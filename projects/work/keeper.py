"""The keeper: a thread of every worker process that looks after the queue without Celery.

Celery carries hints, and it may not hear for a while after Redis was killed. Work must not wait for that: every few seconds the keeper
takes back what dead workers held, wakes the process's runner, and, where hints stay unheard, carries out one thing at a time itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection

from django.conf import settings
from django.db import Error, connection

from projects.work import leases, queue
from projects.work.leases import Lease
from projects.work.runner import runner
from projects.work.sweeping import sweep
from tenants.context import PUBLIC, enter

log = logging.getLogger("guildhall.work")
LOOK_SECONDS = 5.0
UNHEARD_SECONDS = 20.0


class Keeper:
    """`carry_out` is how this process does one leased thing in a thread of its own."""

    def __init__(self, carry_out: Callable[[Lease], None]) -> None:
        self._carry_out = carry_out
        self._queues: frozenset[str] = frozenset()
        self._patient_until = 0.0

    def start(self, queues: Collection[str] = ()) -> None:
        """Look after the queue from now on; where this process serves `queues`, see to their work, too."""
        self._queues = frozenset(queues)
        threading.Thread(target=self._live, name="keeper", daemon=True).start()

    def look(self) -> None:
        """One round. Right after an outage of the database nothing is taken back: leases ran out because nobody could renew them."""
        if time.monotonic() >= self._patient_until and not _has_just_started():
            sweep()
        if not self._queues:
            return
        if shared := queue.kinds_async():
            for name in self._queues:
                runner.wake(name)
        if not leases.holds_any(without=shared):
            self._stand_in(shared)

    def be_patient(self) -> None:
        """The database was away: whoever lives renews its leases before anybody takes them."""
        self._patient_until = time.monotonic() + _patience()

    def _live(self) -> None:
        """The first round is made at once: a worker that was started anew has a dead one's work to take back."""
        is_over = leases.draining.is_set()
        while not is_over:
            try:
                with enter(PUBLIC):
                    self.look()
            except Error:
                self.be_patient()
                log.warning("The database is away; the queue is looked after again when it is back", exc_info=True)
            finally:
                connection.close()
            is_over = leases.draining.wait(LOOK_SECONDS)

    def _stand_in(self, shared: list[str]) -> None:
        """Begin one thing that its queue's hints did not bring to anybody."""
        leased = leases.claim_many(list(self._queues), most=1, without=shared, overdue=UNHEARD_SECONDS)
        for lease in leased:
            log.warning("%s %s in %s waited unheard; the keeper begins it", lease.kind, lease.object_id, lease.schema)
            threading.Thread(target=self._carry, args=[lease], name="keeper-work", daemon=True).start()

    def _carry(self, lease: Lease) -> None:
        try:
            with enter(PUBLIC):
                self._carry_out(lease)
        except Exception:  # the top of its thread: the lease is dropped, and another worker takes it up
            log.exception("%s %s in %s could not be carried out", lease.kind, lease.object_id, lease.schema)
            leases.drop(lease)
        finally:
            connection.close()


def _patience() -> float:
    """Seconds in which every living worker has renewed its leases."""
    return 2 * float(settings.HEARTBEAT_SECONDS)


def _has_just_started() -> bool:
    """Whether the database server was started a moment ago, so that no worker may have reached it yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now() < pg_postmaster_start_time() + %s * interval '1 second'", [_patience()])
        return bool(cursor.fetchone()[0])

"""One thread per worker process that stores the lines of all its runs, in batches of at most 50 ms."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from django.db import DatabaseError, connection

from projects.work.leases import LeaseLost
from tenants.context import enter

log = logging.getLogger("guildhall.runs")
BATCH_SECONDS = 0.05


class Pending(Protocol):
    schema: str

    def flush(self) -> None: ...


class Writer:
    """Flushes whoever woke it."""

    def __init__(self) -> None:
        self._waiting: set[Pending] = set()
        self._guard = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self, ledger: Pending) -> None:
        with self._guard:
            self._waiting.add(ledger)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write_forever, name="run-lines", daemon=True)
                self._thread.start()
        self._awake.set()

    def _write_forever(self) -> None:
        while True:
            self._awake.wait()
            time.sleep(BATCH_SECONDS)
            self._awake.clear()
            with self._guard:
                waiting, self._waiting = self._waiting, set()
            for ledger in waiting:
                self._write(ledger)
            connection.close()

    def _write(self, ledger: Pending) -> None:
        try:
            with enter(ledger.schema):
                ledger.flush()
        except LeaseLost as lost:
            log.info("%s", lost)
        except DatabaseError:
            log.exception("Lines of a run could not be stored; its worker will find out at its next step")


writer = Writer()

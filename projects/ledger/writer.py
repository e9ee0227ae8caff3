"""One thread per worker process that stores what all its runs have to store: whatever is pending of a workspace in one commit.

It writes at once when somebody waits, and gathers lines for up to 50 ms when nobody does. While one commit is under way, and for up
to 20 ms after one that held several runs, the next one gathers: batches grow with the load.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from projects.ledger.entries import Batch
from projects.ledger.storing import Due, store
from projects.work import leases
from projects.work.leases import LeaseLost
from tenants.context import enter

log = logging.getLogger("guildhall.runs")
BATCH_SECONDS = 0.05
PAUSE_PER_RUN, MOST_PAUSE = 0.004, 0.02
OUTAGE_SECONDS = 0.5  # between two tries while the database is away
_one_at_a_time = threading.Lock()


class Book(Protocol):
    """A run's ledger, as the writer sees it."""

    schema: str

    @property
    def fence(self) -> int: ...

    @property
    def run_id(self) -> UUID: ...

    def pending(self) -> Batch: ...

    def put_back(self, batch: Batch) -> None: ...

    def lose(self) -> None: ...


class Writer:
    """Stores for whoever woke it."""

    def __init__(self) -> None:
        self._waiting: set[Book] = set()
        self._guard = threading.Lock()
        self._awake = threading.Event()
        self._urgent = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self, book: Book, *, urgent: bool = False) -> None:
        """Have what is pending in `book` stored: at once, or within 50 ms."""
        with self._guard:
            self._waiting.add(book)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write_forever, name="run-writer", daemon=True)
                self._thread.start()
            if urgent:
                self._urgent.set()
            self._awake.set()

    def _write_forever(self) -> None:
        while True:
            if not self._awake.wait(BATCH_SECONDS):
                connection.close()
                self._awake.wait()
            self._urgent.wait(BATCH_SECONDS)
            with self._guard:
                waiting, self._waiting = self._waiting, set()
                self._awake.clear()
                self._urgent.clear()
            if write(list(waiting)):
                time.sleep(pause_after(len(waiting)))
            else:
                time.sleep(OUTAGE_SECONDS)


def pause_after(runs: int) -> float:
    """Seconds to gather before the next commit: none for one run alone, up to 20 ms where many had something to store.

    A commit costs milliseconds however little it holds; with 32 runs at once this saves most of them.
    """
    return min(MOST_PAUSE, PAUSE_PER_RUN * (runs - 1))


def write(books: Sequence[Book]) -> bool:
    """Store what is pending in these books; False when the database is away and they have kept it.

    One caller at a time: lines get their numbers in the order in which they were taken.
    """
    by_schema: dict[str, list[Book]] = defaultdict(list)
    for book in books:
        by_schema[book.schema].append(book)
    with _one_at_a_time:
        written = [_write_workspace(schema, group) for schema, group in by_schema.items()]
    return all(written)


def _write_workspace(schema: str, books: Sequence[Book]) -> bool:
    taken = [(book, book.pending()) for book in books]
    with enter(schema):
        try:
            _store(taken)
        except (OperationalError, InterfaceError) as outage:
            connection.close()
            return _keep(taken, outage)
        except Exception as refusal:  # noqa: BLE001 - a bug in the rows of one run must not silence all the others
            if len(taken) == 1:
                _refuse(*taken[0], refusal)
            else:
                return _one_by_one(taken)
    return True


def _store(taken: Sequence[tuple[Book, Batch]]) -> None:
    due = [Due(book.run_id, book.fence, batch) for book, batch in taken if not batch.is_empty]
    lost = store(due) if due else set()
    for book, batch in taken:
        if book.run_id in lost:
            book.lose()
            batch.tell(LeaseLost(f"Run {book.run_id} belongs to another worker now."))
        else:
            batch.tell(None)


def _one_by_one(taken: Sequence[tuple[Book, Batch]]) -> bool:
    """What the database refuses of one run must not touch the others."""
    for book, batch in taken:
        book.put_back(batch)
    written = [_write_workspace(book.schema, [book]) for book, _ in taken]
    return all(written)


def _keep(taken: Sequence[tuple[Book, Batch]], outage: Exception) -> bool:
    """The database is away: the runs wait, unless this worker is about to end."""
    log.warning("The database is away; %s runs wait with what they have to store (%s)", len(taken), outage)
    for book, batch in taken:
        if leases.draining.is_set():
            batch.tell(outage)
        else:
            book.put_back(batch)
    return False


def _refuse(book: Book, batch: Batch, refusal: Exception) -> None:
    log.error("What run %s had to store was refused", book.run_id, exc_info=refusal)
    batch.tell(refusal)


writer = Writer()

"""Whether a run may take another step: flags in memory, which others raise from their threads, and calls that are broken off for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from projects.ledger.standing import Standing
from projects.ledger.stops import RunStopped, Waiting
from projects.models import Run
from projects.work import leases
from projects.work.leases import Lease
from tenants.provenance.revoked import Known

T = TypeVar("T")


class Boundary:
    """Of one run while this worker owns it. `began` is when it was asked for and `ends` its deadline, on this process's steady clock."""

    def __init__(self, lease: Lease, run: Run) -> None:
        now = time.monotonic()
        self.began, self.ends = now - _seconds_old(run), now + _seconds_left(run)
        self._lease, self._run = lease, run
        self._standing = Standing(run)
        self._cancelled = False
        self._asked: list[str] = []
        self._halted: RunStopped | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def join(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have calls under way on `loop` broken off when the run must stop."""
        self._loop = loop

    @property
    def asked(self) -> list[str]:
        """The questions that nobody has answered yet."""
        return list(self._asked)

    # For the run

    def check(self) -> None:
        """Raises LeaseLost, RunStopped or Waiting where there is no next step.

        A worker that is asked to end lets a call under way come to its answer, which is paid for, as long as there is time.
        """
        if self._lease.lost.is_set() or not self._under_way or leases.must_hurry():
            self._lease.check()
        if self._cancelled:
            raise RunStopped(Run.Status.CANCELLED, "cancelled", "Cancelled by a person.")
        self._standing.check()
        if self._halted is not None:
            raise self._halted
        if self._asked:
            raise Waiting(self._asked[0])
        if time.monotonic() >= self.ends:
            raise self._too_late()

    def _too_late(self) -> RunStopped:
        detail = f"It took longer than the {self._run.seconds_allowed} s that it was given."
        return RunStopped(Run.Status.TIMED_OUT, "deadline", detail)

    def halt(self, stop: RunStopped) -> None:
        self._halted = self._halted or stop

    def wait_for_answer(self, key: str) -> None:
        self._asked.append(key)

    async def within(self, call: Awaitable[T]) -> T:
        """Wait for a call that takes time; it is broken off, and what `check` raises is raised, when the run must stop."""
        self._lease.check()
        self.check()
        task: asyncio.Task[T] = asyncio.ensure_future(call)
        self._under_way.add(task)
        bound = asyncio.timeout(self.ends - time.monotonic())
        try:
            async with bound:
                return await task
        except (asyncio.CancelledError, TimeoutError):
            if (mine := asyncio.current_task()) is None or not mine.cancelling():
                self.check()
            if bound.expired():  # a loop's timers may ring a moment before the clock says so
                raise self._too_late() from None
            raise
        finally:
            self._under_way.discard(task)
            task.cancel()

    # From other threads

    def lose(self) -> None:
        self._lease.lost.set()
        self._interrupt()

    def cancel(self) -> None:
        self._cancelled = True
        self._interrupt()

    def judge(self, known: Known) -> Iterator[str]:
        """Take over what is revoked by now. Yields what the run's story has to say."""
        yield from self._standing.judge(known)
        if self._standing.must_stop:
            self._interrupt()

    def look(self) -> None:
        if self._lease.lost.is_set() or leases.must_hurry():
            self._interrupt()

    def _interrupt(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._break_off)

    def _break_off(self) -> None:
        for task in list(self._under_way):
            task.cancel()


def _seconds_old(run: Run) -> float:
    moment: datetime = run.moment  # type: ignore[attr-defined]  # annotated when it was opened
    return (moment - run.created_at).total_seconds()


def _seconds_left(run: Run) -> float:
    """Until its deadline, both read from the database's clock; from here on this process's steady clock counts."""
    moment: datetime = run.moment  # type: ignore[attr-defined]  # annotated when it was opened
    return (run.deadline_at - moment).total_seconds() if run.deadline_at else float(run.seconds_allowed)

"""A worker's side of a run: it begins, tells its story, checkpoints each task, and ends in a state that says why.

Every write carries the lease's fencing number. A worker that lost its lease writes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Self, TypeVar
from uuid import UUID

from projects import metrics
from projects.asking import worker as asking
from projects.asking.words import Answer, Ask
from projects.events import Line
from projects.ledger.boundary import Boundary
from projects.ledger.entries import LONGEST_MODEL, Alongside, Answered, Batch, Message, Spent, Step, Use
from projects.ledger.opening import opened
from projects.ledger.recorded import Recorded
from projects.ledger.stops import RunStopped, Waiting
from projects.ledger.story import LONGEST_OUTPUT, Story
from projects.ledger.watcher import watcher
from projects.ledger.writer import write, writer
from projects.models import Effect, Run
from projects.work.leases import Lease
from projects.work.threads import in_workspace
from tenants.context import current_schema
from tenants.provenance.revoked import Known

T = TypeVar("T")


class Ledger:
    """The ledger of one run while this worker owns it. `emit`, `check` and `message` may be called from any thread."""

    def __init__(self, lease: Lease, run: Run, recorded: Recorded, *, schema: str) -> None:
        self.lease = lease
        self.schema = schema
        self._story = Story(run, recorded)
        self._boundary = Boundary(lease, run)
        self._answers = self._answers_stored = 0

    # Beginning and ending

    @classmethod
    def begin(cls, lease: Lease) -> Self | None:
        """Take the run over, in its workspace; None when there is nothing to do any more. Blocks."""
        found = opened(lease)
        return None if found is None else cls(lease, *found, schema=current_schema())

    @classmethod
    async def take(cls, lease: Lease) -> Self | None:
        """Take the run over and have its flags watched until `leave`."""
        ledger = await in_workspace(lease.schema, cls.begin, lease)
        if ledger is not None:
            ledger.join(asyncio.get_running_loop())
        return ledger

    def join(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have calls under way on `loop` broken off when the run must stop."""
        self._boundary.join(loop)
        watcher.watch(self)

    def leave(self) -> None:
        """This worker has nothing more to do with the run."""
        watcher.leave(self)

    async def succeed(
        self, output: str, output_json: Any = None, *, reason: str = "finished", detail: str = ""
    ) -> None:
        output = output[:LONGEST_OUTPUT]
        self._story.end(Run.Status.SUCCEEDED, reason, detail, output=output, output_json=output_json)
        await self.saved()
        metrics.RUNS.labels(self.run.kind, "succeeded").inc()

    async def stop(self, status: Run.Status, reason: str, detail: str) -> None:
        """End as anything but succeeded, in words that a person understands."""
        self._story.end(status, reason, detail)
        await self.saved()
        metrics.RUNS.labels(self.run.kind, status).inc()

    async def suspend(self) -> bool:
        """Let go of the run until somebody has answered what it asked; False when it can go on already."""
        await self.saved()
        return await in_workspace(self.schema, asking.suspend, self.run_id, fence=self.fence, keys=self._boundary.asked)

    async def hand_back(self) -> None:
        """Let go of an unfinished run: what it has said is kept, and another worker goes on."""
        self._story.pause(Run.Status.QUEUED)
        await self.saved()

    # The run

    @property
    def run(self) -> Run:
        return self._story.run

    @property
    def recorded(self) -> Recorded:
        """What the run had on record when this worker took it over."""
        return self._story.recorded

    @property
    def run_id(self) -> UUID:
        return self._story.run.pk

    @property
    def fence(self) -> int:
        return self.lease.fence

    def spent(self) -> Spent:
        return self._story.spent()

    # The story

    def emit(self, kind: str, **data: Any) -> None:
        """Add a line; it is stored and shown within 50 ms, in the order of the calls."""
        self._story.tell(kind, data)
        writer.wake(self)

    def spend(self, task: str, spent: Spent) -> None:
        """Add what a call cost that failed all the same."""
        self._story.spend(task, spent)
        writer.wake(self)

    def message(self, message: Message) -> None:
        """Keep a message between agents of the run."""
        self._story.message(message)
        writer.wake(self)

    def served_by(self, provider: str, model: str) -> None:
        """Note which provider and model answer; the page shows it from then on, as much of the name as there is room for."""
        model = model[:LONGEST_MODEL]
        if (provider, model) != (self.run.provider, self.run.model):
            self._story.serve(provider, model)
            writer.wake(self)

    def start_agent(self, task: str, agent: str, position: int) -> None:
        self._story.start_agent(task, agent, position)
        writer.wake(self)

    async def saved(self) -> None:
        """Come back when everything said so far is stored. Raises LeaseLost when the run is somebody else's."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        answers = self._answers

        def tell(failure: Exception | None) -> None:
            loop.call_soon_threadsafe(_settle, done, failure)

        self._story.wait(tell)
        writer.wake(self, urgent=True)
        await done
        self._answers_stored = max(self._answers_stored, answers)

    def flush(self) -> None:
        """The blocking twin of `saved`, on this thread's own connection."""
        failures: list[Exception] = []
        self._story.wait(lambda failure: failures.append(failure) if failure else None)
        write([self])
        if failures:
            raise failures[0]

    # Records

    def model_called(
        self, answered: Answered, *, lines: Sequence[Line] = (), alongside: Sequence[Alongside] = ()
    ) -> None:
        """Keep an answer, what it took and the settling of its reservation; all are stored in one commit, in 50 ms at the latest.

        Until then it may be read here, and nothing may go outside because of it: call `answers_stored` before.
        """
        self._story.keep_answer(answered, lines, alongside)
        self._answers += 1
        writer.wake(self)

    async def answers_stored(self) -> None:
        """Come back when every answer of a model is stored. Raises LeaseLost when the run is somebody else's."""
        if self._answers_stored < self._answers:
            await self.saved()

    def beside(self, entry: Alongside) -> None:
        """Store this, too: with whatever is stored next, at the latest in 50 ms."""
        self._story.beside(entry)
        writer.wake(self)

    async def effect_begun(self, use: Use) -> None:
        """Store that a tool is about to change something outside, before it does."""
        self._story.keep_use(use, stored=True)
        await self.saved()

    def effect_noted(self, use: Use) -> None:
        """Remember the use of a tool that changes nothing; it is stored with its answer."""
        self._story.keep_use(use, stored=False)

    async def effect_done(self, key: str, answer: str, *, state: Effect.State = Effect.State.DONE) -> None:
        """Store what became of the use `key`, before its answer is used."""
        self._story.keep_outcome(key, state, answer)
        await self.saved()

    async def finish_step(self, step: Step, lines: Sequence[Line] = ()) -> None:
        """Checkpoint a task, with its lines, in one commit: a crash either side of it repeats nothing.

        It is stored with what comes next, in 50 ms at the latest. Nobody waits for that: all that the task was answered is stored
        already, so that a task whose checkpoint was lost goes through again without asking anybody anything.
        """
        self._story.keep_step(step, lines)
        writer.wake(self)

    async def ask(self, wanted: Ask) -> Answer:
        """A person's answer. Raises Waiting while there is none: end with `suspend` then. Raises RunStopped where it is too late for one."""
        await self.saved()
        try:
            answer = await in_workspace(self.schema, asking.ask, self.run_id, wanted, fence=self.fence)
        except asking.Unanswered as late:
            raise RunStopped(Run.Status.FAILED, "unanswered", late.detail) from late
        if answer is None:
            self._boundary.wait_for_answer(wanted.key)
            raise Waiting(wanted.key)
        return answer

    # Limits

    @property
    def began(self) -> float:
        """When the run was asked for, on this process's steady clock."""
        return self._boundary.began

    @property
    def ends(self) -> float:
        """Its deadline, on this process's steady clock."""
        return self._boundary.ends

    def check(self) -> None:
        """Call at every step, model call and tool call: it only looks at flags. Raises LeaseLost, RunStopped or Waiting."""
        self._boundary.check()

    def halt(self, stop: RunStopped) -> None:
        """Have `check` raise this from now on: the step under way comes to its answer, and there is no next one."""
        self._boundary.halt(stop)

    async def within(self, call: Awaitable[T]) -> T:
        """Wait for a call that takes time, but not when the run must stop: then the call is broken off.

        Raises what `check` raises, within a second of a cancel, at the deadline, or when the lease is lost.
        """
        return await self._boundary.within(call)

    # What the writer and the watcher call, from their threads

    def pending(self) -> Batch:
        return self._story.take()

    def put_back(self, batch: Batch) -> None:
        self._story.put_back(batch)
        writer.wake(self, urgent=bool(batch.waiters))

    def lose(self) -> None:
        self._boundary.lose()

    def cancel(self) -> None:
        self._boundary.cancel()

    def judge(self, known: Known) -> None:
        for told in self._boundary.judge(known):
            self.emit("revocation.warning", detail=told)

    def look(self) -> None:
        self._boundary.look()


def _settle(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)

"""A run's story has no gaps and no ghosts, and only its owner writes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from projects import services
from projects.ledger import Ledger, RunStopped, Spent, Step, watcher
from projects.models import AgentRun, Run, RunEvent, StepOutput
from projects.work import leases
from projects.work.leases import LeaseLost
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import enter
from tenants.errors import WrongState
from tenants.models import Tenant
from tests.projects.runs import a_ledger, a_run, emit, finish_step, start_agent, succeed

pytestmark = pytest.mark.usefixtures("in_acme")


def story(run: Run) -> list[tuple[int, str]]:
    return [(event.seq, event.type) for event in RunEvent.objects.filter(run=run).order_by("seq")]


def test_a_run_from_the_queue_to_its_end(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    start_agent(ledger, "find", "Reader")
    emit(ledger, "agent.status", agent="Reader", status="working")
    ledger._story.spend("find", Spent(100, 20, Decimal("0.0015")))
    finish_step(ledger, Step("find", 0, "Reader", "42 of them"))
    succeed(ledger, "There are 42.")

    run.refresh_from_db()
    assert (run.status, run.output, run.stop_reason) == ("succeeded", "There are 42.", "finished")
    assert (run.prompt_tokens, run.completion_tokens, run.cost) == (100, 20, Decimal("0.001500"))
    assert story(run) == [(1, "run.status"), (2, "run.status"), (3, "agent.status"), (4, "run.status")]
    agent_run = AgentRun.objects.get(run=run)
    assert (agent_run.status, agent_run.prompt_tokens) == ("succeeded", 100)
    assert StepOutput.objects.get(run=run).output == "42 of them"
    assert run.messages.get().content == {"task": "find"}


def test_streamed_text_of_one_task_is_joined(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    for text in ("There ", "are ", "42."):
        emit(ledger, "run.output", task="write", agent="Writer", text=text)
    emit(ledger, "run.output", task="check", agent="Critic", text="Yes.")
    ledger.flush()
    outputs = RunEvent.objects.filter(run=run, type="run.output").order_by("seq")
    assert [event.data["text"] for event in outputs] == ["There are 42.", "Yes."]


def test_a_worker_that_lost_its_lease_writes_nothing(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    zombie = a_ledger()
    zombie.start_agent("find", "Reader", 0)
    zombie.flush()
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
    heir = a_ledger()
    before = story(run)

    late: list[Callable[[], object]] = [
        lambda: finish_step(zombie, Step("find", 0, "Reader", "late")),
        lambda: succeed(zombie, "late"),
        zombie.check,
    ]
    for write in late:
        with pytest.raises(LeaseLost):
            write()
    run.refresh_from_db()
    assert (run.status, run.output, run.fence) == ("running", "", heir.lease.fence)
    assert story(run) == before
    assert not StepOutput.objects.filter(run=run).exists()
    assert [a.status for a in AgentRun.objects.filter(run=run)] == ["interrupted"]


def test_the_heir_knows_what_is_done(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    first = a_ledger()
    finish_step(first, Step("find", 0, "Reader", "42 of them"))
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
    heir = a_ledger()
    assert {name: step.output for name, step in heir.recorded.steps.items()} == {"find": "42 of them"}
    resumed = RunEvent.objects.filter(run=run, type="run.status").order_by("-seq").first()
    assert resumed is not None
    assert resumed.data == {"status": "running", "resumed": True}


class Hasty(asyncio.SelectorEventLoop):
    """A loop whose timers ring early, as uvloop's do by a part of a millisecond."""

    def time(self) -> float:
        return super().time() * 1.2


def test_a_deadline_in_the_middle_of_a_call_ends_the_run_as_timed_out(alice_at_acme: Member) -> None:
    """Also where the loop's timer rings a moment before the clock that steps are held against."""
    a_run(alice_at_acme)
    ledger = a_ledger()
    ledger._boundary.ends = time.monotonic() + 0.3

    async def call() -> None:
        async def ticks() -> None:
            for _ in range(6_000):
                await asyncio.sleep(0.01)

        await ledger.within(ticks())

    with (
        pytest.raises(RunStopped, match="longer than the 1800 s") as stopped,
        asyncio.Runner(loop_factory=Hasty) as loop,
    ):
        loop.run(call())
    assert stopped.value.status == Run.Status.TIMED_OUT


def test_cancel_is_seen_at_the_next_step(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    ledger.check()
    services.cancel_run(run=run, by=alice_at_acme)
    watcher.look_at([ledger])
    with pytest.raises(RunStopped) as stopped:
        ledger.check()
    assert stopped.value.status == Run.Status.CANCELLED


def test_the_deadline_is_seen_at_the_next_step(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme, seconds=5)
    Run.objects.filter(pk=run.pk).update(deadline_at=run.created_at - timedelta(minutes=1))
    ledger = a_ledger()
    with pytest.raises(RunStopped, match="longer than the 5 s") as stopped:
        ledger.check()
    assert stopped.value.status == Run.Status.TIMED_OUT


def test_a_cancelled_queued_run_ends_at_once_and_no_worker_takes_it(alice_at_acme: Member) -> None:
    run = services.cancel_run(run=a_run(alice_at_acme), by=alice_at_acme)
    assert run.status == "cancelled"
    assert leases.claim(["crews"]) is None
    with pytest.raises(WrongState, match="nothing to cancel"):
        services.cancel_run(run=run, by=alice_at_acme)


def test_a_run_that_has_ended_is_not_begun(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    lease = leases.claim(["crews"])
    assert lease is not None
    services.cancel_run(run=run, by=alice_at_acme)
    assert Ledger.begin(lease) is None


def test_every_move_that_is_not_allowed_is_refused(alice_at_acme: Member) -> None:
    for status in Run.Status:
        run = Run(status=status)
        for target in Run.Status:
            if target in Run.NEXT[status]:
                continue
            with pytest.raises(WrongState):
                run.move_to(target)
            assert run.status == status


def test_giving_up_fails_the_run_with_the_reason(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    start_agent(ledger, "find", "Reader")
    ledger.flush()
    services.give_up(run.pk, "Its worker died 3 times; it will not be tried again.")
    run.refresh_from_db()
    assert (run.status, run.stop_reason, run.stop_detail) == (
        "failed",
        "worker_died",
        "Its worker died 3 times; it will not be tried again.",
    )
    assert AgentRun.objects.get(run=run).status == "failed"


def test_another_workspace_sees_none_of_it(alice_at_acme: Member, globex: Tenant) -> None:
    a_run(alice_at_acme)
    with enter(globex.schema_name):
        assert Run.objects.count() == 0

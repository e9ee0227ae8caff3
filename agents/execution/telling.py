"""A run's hooks: what the runtime reports becomes lines of the ledger, checkpoints, and questions to people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agents.execution.noticing import Failing, tool_failed
from agents.execution.replaying import refuse_unasked
from agents.llm.types import Reply, Request
from agents.runtimes.outcome import (
    Answer,
    Ask,
    Complete,
    RunStopped,
    RuntimeEvent,
    StepResult,
    Suspended,
    ToolImpl,
    User,
)
from agents.runtimes.spec import CrewSpec
from projects import ledger as ledgers
from projects import metrics
from projects.asking import words
from projects.events import Line, line
from projects.ledger import Ledger, Spent, Waiting
from projects.work.leases import LeaseLost

LIMITED = "Cut off at max_iter: the agent had to answer at once."


class Teller:
    """`stopped` is what ended the run early, to be raised again once the runtime has wound down. Tasks that fail are added to `failing`."""

    def __init__(
        self, ledger: Ledger, spec: CrewSpec, ids: Mapping[str, Mapping[str, str]], failing: list[Failing]
    ) -> None:
        self.ledger = ledger
        self.stopped: ledgers.RunStopped | LeaseLost | None = None
        self._failing = failing
        self._ids = ids
        done = ledger.recorded.steps
        self._plan = {task.name: "succeeded" if task.name in done else "waiting" for task in spec.tasks}
        self._agents = {task.name: task.agent for task in spec.tasks}
        self._places = {task.name: position for position, task in enumerate(spec.tasks)}
        self._began: dict[str, float] = {}

    # What the runtime calls

    def check(self) -> None:
        with self._guarded():
            self.ledger.check()

    def event(self, event: RuntimeEvent) -> None:
        if tell := _TOLD.get(event.kind):
            tell(self, event)

    async def step_done(self, step: StepResult) -> None:
        """Checkpoint the task together with the lines that say so."""
        self._plan[step.task] = "succeeded"
        output = step.output
        kept = ledgers.Step(
            step.task,
            self._places[step.task],
            step.agent,
            output.text,
            output.data,
            " ".join([LIMITED] * output.limited + list(output.notes)),
            limited=output.limited,
            edited=output.edited,
            outside=output.outside,
            spent=Spent(step.usage.prompt_tokens, step.usage.completion_tokens, step.cost),
            seconds=time.monotonic() - self._began.get(step.task, time.monotonic()),
        )
        lines = [self._task_line(step.task, step.agent, "succeeded", limited=output.limited), self._plan_line()]
        with self._guarded():
            await self.ledger.finish_step(kept, lines)
        metrics.AGENT_EXECUTIONS.labels(self.ledger.run.kind, "succeeded").inc()

    async def ask(self, question: Ask) -> Answer:
        with self._guarded():
            refuse_unasked(self.ledger, question)
            said = await self.ledger.ask(_asked(question))
        return Answer(said.action, said.text, said.data)

    # What the runtime is lent: a stop in there must end the run, not be told to a model

    def guarding(self, complete: Complete) -> Complete:
        async def guarded(request: Request, **more: Any) -> Reply:
            with self._guarded():
                return await complete(request, **more)

        return guarded

    def guarding_tool(self, impl: ToolImpl) -> ToolImpl:
        async def run(arguments: Mapping[str, Any], user: User) -> str:
            with self._guarded():
                return await impl.run(arguments, user)

        return ToolImpl(impl.spec, run)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (ledgers.RunStopped, LeaseLost) as stop:
            self.stopped = self.stopped or stop
            raise _in_runtime_words(stop) from stop

    # What becomes of it

    def begin(self) -> None:
        self.ledger.emit("plan.update", **self._plan_line().data)

    def task_started(self, event: RuntimeEvent) -> None:
        self._began[event.task] = time.monotonic()
        self._plan[event.task] = "running"
        self.ledger.start_agent(event.task, event.agent, self._places[event.task])
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "running", **event.data).data)
        self.ledger.emit("plan.update", **self._plan_line().data)
        self._agent(event, "working")

    def task_finished(self, event: RuntimeEvent) -> None:
        self._agent(event, "idle")

    def task_failed(self, event: RuntimeEvent) -> None:
        metrics.AGENT_EXECUTIONS.labels(self.ledger.run.kind, "failed").inc()
        self._failing.append(Failing(event.task, event.agent, event.data["error"]))
        self._plan[event.task] = "failed"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "failed").data)
        self.ledger.emit("plan.update", **self._plan_line().data)
        self._agent(event, "idle")

    def task_waiting(self, event: RuntimeEvent) -> None:
        """Nobody has answered yet; the task starts anew when somebody has."""
        self._plan[event.task] = "waiting"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "waiting").data)
        self.ledger.emit("plan.update", **self._plan_line().data)
        self._agent(event, "idle")

    def router_decided(self, event: RuntimeEvent) -> None:
        self.ledger.emit("router.decided", **event.data)

    def task_limited(self, event: RuntimeEvent) -> None:
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "limited", **event.data).data)

    def task_told(self, event: RuntimeEvent) -> None:
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "note", **event.data).data)

    def task_skipped(self, event: RuntimeEvent) -> None:
        self._plan[event.task] = "skipped"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "skipped", **event.data).data)
        self.ledger.emit("plan.update", **self._plan_line().data)

    def guarded(self, event: RuntimeEvent) -> None:
        outcome = "guardrail_passed" if event.kind == "guardrail.passed" else "guardrail_failed"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, outcome, **event.data).data)

    def model_started(self, event: RuntimeEvent) -> None:
        self._agent(event, "thinking")

    def model_text(self, event: RuntimeEvent) -> None:
        self.ledger.emit("run.output", task=event.task, agent=event.agent, text=event.data["text"])

    def model_finished(self, event: RuntimeEvent) -> None:
        self.ledger.emit("model.call", task=event.task, agent=event.agent, **event.data)

    def model_failed(self, event: RuntimeEvent) -> None:
        self.ledger.emit("model.call", task=event.task, agent=event.agent, failed=True, **event.data)

    def tool_started(self, event: RuntimeEvent) -> None:
        self.ledger.emit("tool.call", task=event.task, agent=event.agent, **event.data)
        self._agent(event, "using_tool", tool=event.data["tool"])

    def tool_ended(self, event: RuntimeEvent) -> None:
        failed = event.kind == "tool.failed"
        if failed:
            tool_failed(self.ledger, event)
        answer = event.data["error" if failed else "output"]
        told = {"call": event.data["call"], "tool": event.data["tool"], "output": answer, "failed": failed}
        self.ledger.emit("tool.answer", task=event.task, agent=event.agent, **told)

    def tool_refused(self, event: RuntimeEvent) -> None:
        self.ledger.emit("tool.refused", task=event.task, agent=event.agent, **event.data)

    def _agent(self, event: RuntimeEvent, status: str, **more: Any) -> None:
        agent_id = self._ids.get("agents", {}).get(event.agent)
        self.ledger.emit("agent.status", agent=event.agent, agent_id=agent_id, task=event.task, status=status, **more)

    def _task_line(self, task: str, agent: str, status: str, **more: Any) -> Line:
        task_id = self._ids.get("tasks", {}).get(task)
        return line("agent.task", task=task, task_id=task_id, agent=agent, status=status, **more)

    def _plan_line(self) -> Line:
        steps = [{"task": task, "agent": self._agents[task], "status": status} for task, status in self._plan.items()]
        done = sum(status == "succeeded" for status in self._plan.values())
        return line("plan.update", steps=steps, done=done, total=len(steps))


def _asked(question: Ask) -> words.Ask:
    return words.Ask(
        key=question.key,
        kind=question.kind,
        text=question.text,
        task=question.task,
        agent=question.agent,
        draft=question.draft,
        details=question.details,
    )


def _in_runtime_words(stop: ledgers.RunStopped | LeaseLost) -> RunStopped:
    if isinstance(stop, Waiting):
        return Suspended()
    return RunStopped(stop.reason if isinstance(stop, ledgers.RunStopped) else "lease_lost")


_TOLD: Mapping[str, Callable[[Teller, RuntimeEvent], None]] = {
    "guardrail.failed": Teller.guarded,
    "guardrail.passed": Teller.guarded,
    "model.failed": Teller.model_failed,
    "model.finished": Teller.model_finished,
    "model.started": Teller.model_started,
    "model.text": Teller.model_text,
    "router.decided": Teller.router_decided,
    "task.failed": Teller.task_failed,
    "task.finished": Teller.task_finished,
    "task.limited": Teller.task_limited,
    "task.note": Teller.task_told,
    "task.skipped": Teller.task_skipped,
    "task.started": Teller.task_started,
    "task.waiting": Teller.task_waiting,
    "tool.failed": Teller.tool_ended,
    "tool.finished": Teller.tool_ended,
    "tool.refused": Teller.tool_refused,
    "tool.started": Teller.tool_started,
}

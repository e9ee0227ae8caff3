"""A run's hooks: what the runtime reports becomes lines of the ledger, money spent, and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from agents.runtimes.outcome import RunStopped, RuntimeEvent, StepResult
from agents.runtimes.spec import CrewSpec
from projects import ledger as ledgers
from projects.events import Line, line
from projects.ledger import Ledger, Spent
from projects.models import Run
from projects.work.leases import LeaseLost
from tenants.context import release_connection

LIMITED = "Cut off at max_iter: the agent had to answer at once."


class Teller:
    """`stopped` is what ended the run early, to be raised again once the runtime has wound down."""

    def __init__(self, ledger: Ledger, spec: CrewSpec, ids: Mapping[str, Mapping[str, str]], done: set[str]) -> None:
        self.ledger = ledger
        self.stopped: ledgers.RunStopped | LeaseLost | None = None
        self._ids = ids
        self._limits = spec.limits
        self._calls = ledger.events_of("model.call")
        self._spent = ledger.spent()
        self._plan = {task.name: "succeeded" if task.name in done else "waiting" for task in spec.tasks}
        self._agents = {task.name: task.agent for task in spec.tasks}
        self._places = {task.name: position for position, task in enumerate(spec.tasks)}

    # What the runtime calls

    def check(self) -> None:
        self._guarded(self.ledger.check)

    def event(self, event: RuntimeEvent) -> None:
        if tell := _TOLD.get(event.kind):
            self._guarded(lambda: tell(self, event))

    def step_done(self, step: StepResult) -> None:
        """Checkpoint the task together with the lines that say so."""
        self._plan[step.task] = "succeeded"
        note = LIMITED if step.output.limited else ""
        kept = ledgers.Step(step.task, self._places[step.task], step.agent, step.output.text, step.output.data, note)
        lines = [self._task_line(step.task, step.agent, "succeeded", limited=step.output.limited), self._plan_line()]
        self._guarded(lambda: self.ledger.finish_step(kept, lines))

    # What becomes of it

    def begin(self) -> None:
        self.ledger.emit("plan.update", **self._plan_line().data)

    def task_started(self, event: RuntimeEvent) -> None:
        self._plan[event.task] = "running"
        self.ledger.start_agent(event.task, event.agent, self._places[event.task])
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "running").data)
        self.ledger.emit("plan.update", **self._plan_line().data)
        self._agent(event, "working")

    def task_finished(self, event: RuntimeEvent) -> None:
        self._agent(event, "idle")

    def task_failed(self, event: RuntimeEvent) -> None:
        self._plan[event.task] = "failed"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "failed").data)
        self.ledger.emit("plan.update", **self._plan_line().data)
        self._agent(event, "idle")

    def task_limited(self, event: RuntimeEvent) -> None:
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, "limited", **event.data).data)

    def guarded(self, event: RuntimeEvent) -> None:
        outcome = "guardrail_passed" if event.kind == "guardrail.passed" else "guardrail_failed"
        self.ledger.emit("agent.task", **self._task_line(event.task, event.agent, outcome, **event.data).data)

    def model_started(self, event: RuntimeEvent) -> None:
        self._check_limits()
        self._agent(event, "thinking")

    def model_text(self, event: RuntimeEvent) -> None:
        self.ledger.emit("run.output", task=event.task, agent=event.agent, text=event.data["text"])

    def model_finished(self, event: RuntimeEvent) -> None:
        data = event.data
        spent = Spent(data["prompt_tokens"], data["completion_tokens"], Decimal(data["cost"]))
        self.ledger.spend(event.task, spent)
        self._calls += 1
        self._spent += spent
        self.ledger.emit("model.call", task=event.task, agent=event.agent, **data)

    def model_failed(self, event: RuntimeEvent) -> None:
        self.ledger.emit("model.call", task=event.task, agent=event.agent, failed=True, **event.data)

    def tool_started(self, event: RuntimeEvent) -> None:
        self.ledger.emit("tool.call", task=event.task, agent=event.agent, **event.data)
        self._agent(event, "using_tool", tool=event.data["tool"])

    def tool_ended(self, event: RuntimeEvent) -> None:
        failed = event.kind == "tool.failed"
        answer = event.data["error" if failed else "output"]
        told = {"call": event.data["call"], "tool": event.data["tool"], "output": answer, "failed": failed}
        self.ledger.emit("tool.answer", task=event.task, agent=event.agent, **told)

    def _check_limits(self) -> None:
        """Before each model call: a run that has used up what its crew may use stops, and says what it was."""
        limits, spent = self._limits, self._spent
        for most, used, unit in (
            (limits.model_calls, self._calls, "model calls"),
            (limits.tokens, spent.prompt_tokens + spent.completion_tokens, "tokens"),
            (limits.usd, spent.cost, "dollars"),
        ):
            if most and used >= most:
                detail = (
                    f"Its crew may use {most:g} {unit} in one run, and it has used {used:g}; more needs a higher limit."
                )
                raise ledgers.RunStopped(Run.Status.OVER_BUDGET, "crew_limit", detail)

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

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (ledgers.RunStopped, LeaseLost) as stop:
            self.stopped = self.stopped or stop
            raise RunStopped(getattr(stop, "reason", "lease_lost")) from stop
        finally:
            release_connection()  # a model call may follow, and the thread may be one that ends unseen


_TOLD: Mapping[str, Callable[[Teller, RuntimeEvent], None]] = {
    "guardrail.failed": Teller.guarded,
    "guardrail.passed": Teller.guarded,
    "model.failed": Teller.model_failed,
    "model.finished": Teller.model_finished,
    "model.started": Teller.model_started,
    "model.text": Teller.model_text,
    "task.failed": Teller.task_failed,
    "task.finished": Teller.task_finished,
    "task.limited": Teller.task_limited,
    "task.started": Teller.task_started,
    "tool.failed": Teller.tool_ended,
    "tool.finished": Teller.tool_ended,
    "tool.started": Teller.tool_started,
}

"""One run in progress: what all its threads share, and the one lock under which the host hears about it."""

from __future__ import annotations

import itertools
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any, NoReturn

from crewai.hooks.dispatch import HookAborted

from agents.llm.types import LLMError, Reply, Request, Usage
from agents.runtimes.outcome import (
    Complete,
    CrewFailed,
    EventKind,
    Hooks,
    RunStopped,
    RuntimeEvent,
    StepOutput,
    StepResult,
)


class Halted(HookAborted):
    """How a stop travels through CrewAI: the one exception that it neither retries nor turns into text."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause), source="host")
        self.cause = cause


@dataclass(slots=True)
class Step:
    """A task while it runs. Only the thread that runs the task writes to it."""

    task: str
    agent: str
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    model_calls: int = 0
    tool_calls: int = 0
    tool_failures: int = 0
    limited: bool = False

    def result(self, output: StepOutput) -> StepResult:
        return StepResult(
            task=self.task,
            agent=self.agent,
            output=output,
            usage=self.usage,
            cost=self.cost,
            model_calls=self.model_calls,
            tool_calls=self.tool_calls,
            tool_failures=self.tool_failures,
        )


current: ContextVar[Step] = ContextVar("guildhall_step")


@dataclass(slots=True)
class Session:
    complete: Complete
    hooks: Hooks
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    steps: list[StepResult] = field(default_factory=list)
    side_tasks: list[Future[Any]] = field(default_factory=list)
    fault: Exception | None = None
    _lock: Lock = field(default_factory=Lock)
    _calls: Any = field(default_factory=lambda: itertools.count(1))

    def check(self) -> None:
        """Stop here when the run has failed elsewhere, or when the host wants it to stop."""
        if self.fault is not None:
            raise Halted(self.fault)
        try:
            self.hooks.check()
        except RunStopped as stop:
            self.halt(stop)

    def halt(self, cause: Exception) -> NoReturn:
        """The first cause counts; every thread of the run meets it at its next boundary."""
        with self._lock:
            self.fault = self.fault or cause
        raise Halted(self.fault) from cause

    def emit(self, kind: EventKind, agent: str, **data: Any) -> None:
        with self._lock:
            self.hooks.event(RuntimeEvent(kind, current.get().task, agent, data))

    def ask(self, agent: str, request: Request) -> Reply:
        """One model call: counted, told to the host, and stopped within while its text streams."""
        self.check()
        call, shown = f"m{next(self._calls)}", request.response_schema is None
        self.emit("model.started", agent, call=call, model=request.model)
        try:
            reply = self.complete(request, on_text=lambda text: self._on_text(agent, call, text, shown=shown))
        except LLMError as error:
            self.emit("model.failed", agent, call=call, code=error.code, error=error.detail)
            self.check()  # a call that failed because the time is up is a stop, not a failure
            self.halt(error)
        except RunStopped as stop:
            self.emit("model.failed", agent, call=call, code=stop.reason, error="Stopped.")
            self.halt(stop)
        self._count(agent, call, reply)
        self.check()
        return reply

    def fail(self, detail: str, *, code: str) -> NoReturn:
        self.halt(CrewFailed(detail, task=current.get().task, code=code))

    def finish(self, step: Step, output: StepOutput) -> None:
        result = step.result(output)
        try:
            with self._lock:
                self.hooks.step_done(result)
                self.steps.append(result)
        except RunStopped as stop:
            self.halt(stop)
        self.emit("task.finished", step.agent, limited=step.limited)
        self.check()

    def _on_text(self, agent: str, call: str, text: str, *, shown: bool) -> None:
        """Prose is shown as it comes; JSON in the making is not, but can be stopped all the same."""
        if shown:
            self.emit("model.text", agent, call=call, text=text)
        if self.fault is not None:
            raise RunStopped("failed_elsewhere")
        self.hooks.check()

    def _count(self, agent: str, call: str, reply: Reply) -> None:
        step = current.get()
        step.usage, step.cost, step.model_calls = step.usage + reply.usage, step.cost + reply.cost, step.model_calls + 1
        with self._lock:
            self.usage, self.cost = self.usage + reply.usage, self.cost + reply.cost
        self.emit(
            "model.finished",
            agent,
            call=call,
            provider=reply.provider,
            model=reply.model,
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            cost=str(reply.cost),
            finish_reason=reply.finish_reason,
        )

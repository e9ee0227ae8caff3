"""A crew, a model server and a host to watch them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import (
    Answer,
    Ask,
    Complete,
    CrewResult,
    RunStopped,
    RuntimeEvent,
    StepOutput,
    StepResult,
    Suspended,
    ToolFailed,
    ToolImpl,
    User,
)
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from tests.runtimes.model import model_at
from tests.servers.llm import Seen

__all__ = ["PARTS", "Host", "Telling", "adder", "agent", "asked_for", "crew", "model_at", "play", "relay", "task"]

PARTS = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Host:
    """Hooks that remember, that stop the run when `stop_when` says so, and that give `answers` until there are no more."""

    def __init__(
        self, stop_when: Callable[[Host], str | None] = lambda _host: None, answers: Iterable[Answer] = ()
    ) -> None:
        self.events: list[RuntimeEvent] = []
        self.steps: list[StepResult] = []
        self.asked: list[Ask] = []
        self.checks = 0
        self._stop_when = stop_when
        self._answers = iter(answers)

    def check(self) -> None:
        self.checks += 1
        if reason := self._stop_when(self):
            raise RunStopped(reason)

    def event(self, event: RuntimeEvent) -> None:
        self.events.append(event)

    async def step_done(self, step: StepResult) -> None:
        self.steps.append(step)

    async def ask(self, question: Ask) -> Answer:
        self.asked.append(question)
        if (answer := next(self._answers, None)) is None:
            raise Suspended
        return answer

    def kinds(self, *, task: str = "") -> list[str]:
        """What happened, streamed text left out."""
        return [event.kind for event in self.events if task in {"", event.task} and event.kind != "model.text"]


class Telling(Host):
    """Hooks that also set `then` when `kind` happens to `task`: what a model may wait for before it answers."""

    def __init__(self, then: threading.Event, kind: str, task: str) -> None:
        super().__init__()
        self._then, self._kind, self._task = then, kind, task

    def event(self, event: RuntimeEvent) -> None:
        super().event(event)
        if (event.kind, event.task) == (self._kind, self._task):
            self._then.set()


def play(
    spec: CrewSpec,
    inputs: Mapping[str, str],
    *,
    complete: Complete,
    tools: Mapping[str, ToolImpl],
    hooks: Host,
    done: Mapping[str, StepOutput] | None = None,
) -> CrewResult:
    """A run from beginning to end on an event loop of its own."""
    return asyncio.run(run_crew(spec, inputs, complete=complete, tools=tools, hooks=hooks, done=done))


def agent(name: str, **more: Any) -> AgentSpec:
    return AgentSpec(**{"name": name, "role": f"The {name}", "goal": f"Be a good {name}.", **more})


def task(name: str, by: str = "", **more: Any) -> TaskSpec:
    return TaskSpec(**{"name": name, "description": f"Do {name}.", "expected_output": "Text.", "agent": by, **more})


def crew(*parts: AgentSpec | TaskSpec, **more: Any) -> CrewSpec:
    return CrewSpec(
        name="crew",
        agents=tuple(part for part in parts if isinstance(part, AgentSpec)),
        tasks=tuple(part for part in parts if isinstance(part, TaskSpec)),
        **more,
    )


def relay(length: int = 3) -> CrewSpec:
    """Tasks t1, t2, … in a row, all by one agent."""
    return crew(agent("worker"), *(task(f"t{number}", "worker") for number in range(1, length + 1)))


def asked_for(seen: Seen) -> str:
    """The task that a request is about."""
    prompt = next(message["content"] for message in seen.messages if message["role"] == "user")
    return str(prompt).partition("Do ")[2].partition(".")[0]


def adder() -> ToolImpl:
    async def add(arguments: Mapping[str, Any], user: User) -> str:
        if arguments["a"] == 13:
            raise ToolFailed("13 is not lucky.")
        return str(arguments["a"] + arguments["b"])

    number = {"type": "integer"}
    parameters = {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}
    return ToolImpl(ToolSpec("add", "Adds two numbers.", parameters), add)

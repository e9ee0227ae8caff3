"""A crew, a model server and a host to watch them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from agents.llm.gateway import Gateway
from agents.llm.providers.openai import OpenAI
from agents.llm.types import OnText, Reply, Request, ToolSpec
from agents.runtimes.outcome import Complete, RunStopped, RuntimeEvent, StepResult, ToolFailed, ToolImpl, User
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from tests.servers.llm import FakeLLM, Seen

PARTS = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Host:
    """Hooks that remember, and that stop the run when `stop_when` says so."""

    def __init__(self, stop_when: Callable[[Host], str | None] = lambda _host: None) -> None:
        self.events: list[RuntimeEvent] = []
        self.steps: list[StepResult] = []
        self.checks = 0
        self._stop_when = stop_when

    def check(self) -> None:
        self.checks += 1
        if reason := self._stop_when(self):
            raise RunStopped(reason)

    def event(self, event: RuntimeEvent) -> None:
        self.events.append(event)

    def step_done(self, step: StepResult) -> None:
        self.steps.append(step)

    def kinds(self, *, task: str = "") -> list[str]:
        """What happened, streamed text left out."""
        return [event.kind for event in self.events if task in {"", event.task} and event.kind != "model.text"]


def model_at(server: FakeLLM | str) -> Complete:
    """A gateway to a model server, or to the OpenAI address of one in another process."""
    url = server if isinstance(server, str) else server.openai_url
    gateway = Gateway([OpenAI(base_url=url, model="fake-1")], retries=0)

    def complete(request: Request, *, on_text: OnText | None = None) -> Reply:
        return gateway.complete(request, deadline=time.monotonic() + 20, on_text=on_text)

    return complete


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
    def add(arguments: Mapping[str, Any], user: User) -> str:
        if arguments["a"] == 13:
            raise ToolFailed("13 is not lucky.")
        return str(arguments["a"] + arguments["b"])

    number = {"type": "integer"}
    parameters = {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}
    return ToolImpl(ToolSpec("add", "Adds two numbers.", parameters), add)

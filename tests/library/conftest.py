"""Agents of the library at work in a real crew, with a model server that says what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agents.library.frame.loading import Library
from agents.llm.providers.offline import Offline
from agents.llm.types import OnText, Reply, Request, ToolSpec
from agents.runtimes.crew import run_crew
from agents.runtimes.desk import AgentExecutor, Desk, Made, Work
from agents.runtimes.outcome import CallId, Complete, StepOutput, StepResult, ToolFailed, ToolImpl, User
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, TaskSpec
from tests.runtimes.stage import Host, model_at
from tests.servers.llm import FakeLLM, Step

LIBRARY = Library()
PASSAGES = (
    "[study.pdf, p. 2]\nThe station stores 18.4 MWh. It was built in 2019.\n\n"
    "[study.pdf, p. 7]\nThe harbour pays 240,000 EUR a year for peak power."
)


def executors(inputs: Mapping[str, str]) -> dict[str, AgentExecutor]:
    async def work(name: str, work: Work, desk: Desk) -> Made:
        found = LIBRARY.get(name)
        assert found is not None
        return await found(desk).run(replace(work, inputs=inputs))

    return {name: partial(work, name) for name in LIBRARY.shelf().agents}


class Tool:
    """A tool that remembers how it was used and answers as it is told."""

    def __init__(self, name: str, answer: Callable[[Mapping[str, Any]], str] | str, *required: str) -> None:
        self.used: list[dict[str, Any]] = []
        self._answer = answer
        parameters = {
            "type": "object",
            "properties": {each: {"type": "string"} for each in required},
            "required": list(required),
        }
        self.impl = ToolImpl(ToolSpec(name, "A tool.", parameters | {"additionalProperties": True}), self._run)

    async def _run(self, arguments: Mapping[str, Any], user: User) -> str:
        self.used.append(dict(arguments))
        return self._answer if isinstance(self._answer, str) else self._answer(arguments)


def search(passages: str = PASSAGES) -> Tool:
    return Tool("search_knowledge", passages, "query")


def failing(times: int) -> Callable[[Mapping[str, Any]], str]:
    left = iter(range(times))

    def answer(arguments: Mapping[str, Any]) -> str:
        if next(left, None) is not None:
            raise ToolFailed("The host did not answer.")
        return '{"status": 200}'

    return answer


def offline() -> Complete:
    provider = Offline()

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        return await provider.complete(request, deadline=asyncio.get_running_loop().time() + 120, on_text=on_text)

    return complete


class Stage:
    """One agent of the library with one task. `say` scripts the model; without it there is none."""

    def __init__(self) -> None:
        self.server: FakeLLM | None = None
        self.host = Host()

    async def play(
        self, name: str, task: str, *tools: Tool, say: list[Step | dict[str, Any]] | None = None, **more: Any
    ) -> StepOutput:
        inputs = more.pop("inputs", {})
        found = LIBRARY.get(name)
        assert found is not None
        worker = AgentSpec(
            name=name, role=found.role, goal=found.goal, backstory=found.backstory, library=name,
            tools=tuple(tool.impl.spec.name for tool in tools),
        )  # fmt: skip
        spec = CrewSpec(
            name="alone",
            agents=(worker,),
            tasks=(TaskSpec(name="answer", description=task, expected_output="What is asked.", agent=name, **more),),
            inputs=tuple(InputSpec(name=each) for each in inputs),
        )
        with FakeLLM(
            [each if isinstance(each, str) or not isinstance(each, dict) else json.dumps(each) for each in say or ()]
        ) as server:
            self.server = server
            result = await run_crew(
                spec,
                inputs,
                complete=offline() if say is None else model_at(server),
                tools={tool.impl.spec.name: tool.impl for tool in tools},
                hooks=self.host,
                executors=executors(inputs),
            )
        assert result.stop_reason == "completed"
        return self.step.output

    @property
    def step(self) -> StepResult:
        return self.host.steps[-1]

    def prompts(self) -> list[str]:
        """Everything that the model was shown, one text per call."""
        assert self.server is not None
        return ["\n".join(str(turn.get("content")) for turn in seen.messages) for seen in self.server.ledger()]


@pytest.fixture
def stage() -> Stage:
    return Stage()

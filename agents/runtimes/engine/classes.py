"""Agents that are classes, at work inside a crew: same place in the order, same checks of the answer, another way of working."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crewai import Task
from pydantic import BaseModel, ValidationError

from agents.llm.types import Message, Reply, Request, ToolSpec
from agents.runtimes.desk import AgentExecutor, CannotDo, Made, Work
from agents.runtimes.engine.bound import at_most
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.tools import HostTool, LoopTool, use
from agents.runtimes.engine.worker import Worker
from agents.runtimes.outcome import ToolFailed
from agents.runtimes.spec import AgentSpec

FAILED = "Error executing tool: "


def hired(spec: AgentSpec, step: Step, tools: Sequence[LoopTool]) -> Worker:
    """Who works as this agent: CrewAI's loop, or the class that it names."""
    if not spec.library:
        return Worker(spec, step, tools)
    return ClassWorker(spec, step, tools, step.session.executors[spec.library])


class ClassWorker(Worker):
    """`Made`, or the task's own output model where what was made fits it, is its answer."""

    def __init__(self, spec: AgentSpec, step: Step, tools: Sequence[LoopTool], executor: AgentExecutor) -> None:
        super().__init__(spec, step, tools)
        self._executor, self._desk = executor, StepDesk(spec, step, tools)
        self._last: tuple[Task, Work] | None = None

    async def work(self, task: Task, context: str) -> Any:
        schema = task.output_json
        work = Work(
            task=task.description,
            expected=task.expected_output,
            context=context,
            schema=schema.model_json_schema() if schema else None,
            role=self.spec.role,
            goal=self.spec.goal,
            backstory=self.spec.backstory,
        )
        self._last = task, work
        return await self._made(task, work)

    async def again(self, feedback: str) -> Any:
        assert self._last is not None  # noqa: S101 - a person judges what was made before
        task, work = self._last
        return await self._made(task, replace(work, feedback=feedback))

    async def _made(self, task: Task, work: Work) -> Made | BaseModel:
        async with at_most(self.spec.max_seconds, self._step, who=f"The agent “{self.spec.name}”"):
            try:
                made = await self._executor(work, self._desk)
            except CannotDo as refusal:
                self._step.fail(refusal.detail, code="cannot_do")
        if task.output_json is None:
            return made
        try:
            return task.output_json.model_validate(made.data)
        except ValidationError:
            return made


class StepDesk:
    """The desk of one agent in one task."""

    def __init__(self, spec: AgentSpec, step: Step, tools: Sequence[LoopTool]) -> None:
        self._spec, self._step = spec, step
        self._tools = {tool.name: tool for tool in tools if isinstance(tool, HostTool)}

    @property
    def tools(self) -> Mapping[str, ToolSpec]:
        return {name: tool.spec for name, tool in self._tools.items()}

    async def ask(
        self, messages: Sequence[Message], *, tools: Sequence[ToolSpec] = (), schema: Mapping[str, Any] | None = None
    ) -> Reply:
        spec = self._spec
        request = Request(
            messages=tuple(messages),
            model=spec.llm,
            tools=tuple(tools),
            response_schema=schema,
            temperature=spec.temperature,
            max_tokens=spec.max_tokens or None,
        )
        return await self._step.ask(spec.name, request)

    async def use(self, tool: str, arguments: Mapping[str, Any]) -> str:
        failures, refusals = self._step.tool_failures, len(self._step.refused)
        text = await use(self._step, self._spec.name, self._tools.get(tool), tool, arguments)
        if self._step.tool_failures > failures or len(self._step.refused) > refusals:
            raise ToolFailed(text.removeprefix(FAILED))
        return text

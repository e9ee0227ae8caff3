"""An agent at work on one task: CrewAI's Agent and its executor, made for this task and thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from crewai import Agent, Task
from crewai.agents.agent_executor import AgentExecutor
from crewai.tools.tool_failure import ToolExecutionFailedError
from crewai.utilities.i18n import I18N_DEFAULT

from agents.runtimes.engine.bound import at_most
from agents.runtimes.engine.executor import LoopExecutor
from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.tools import LoopTool
from agents.runtimes.spec import AgentSpec


class Worker:
    def __init__(self, spec: AgentSpec, step: Step, tools: Sequence[LoopTool]) -> None:
        self.spec = spec
        self.llm = GatewayLLM.of(spec, step)
        self._step = step
        self._tools = list(tools)
        self.agent = Agent(
            role=spec.role,
            goal=spec.goal,
            backstory=spec.backstory,
            llm=self.llm,
            max_iter=spec.max_iter,
            executor_class=AgentExecutor if self._is_stock else LoopExecutor,
            max_retry_limit=0,
            respect_context_window=False,
            use_better_compaction=False,
            cache=False,
            verbose=False,
        )

    @property
    def _is_stock(self) -> bool:
        return self._step.session.executor == "stock"

    async def work(self, task: Task, context: str) -> Any:
        """The agent's final answer: text, or an object of the task's `output_json`."""
        async with at_most(self.spec.max_seconds, self._step, who=f"The agent “{self.spec.name}”"):
            if not self._is_stock:
                return await self._on_the_loop(task, context)
            return await self._in_a_thread(task, context)

    async def _on_the_loop(self, task: Task, context: str) -> Any:
        """Agent.aexecute_task without its events: those keep every agent and prompt of a context in memory, unasked."""
        prompt = self.agent._prepare_task_execution(task, context)  # noqa: SLF001 - the halves of aexecute_task
        prompt = self.agent._finalize_task_prompt(prompt, list(self._tools), task)  # noqa: SLF001
        return await self.agent._aexecute_without_timeout(prompt, task)  # noqa: SLF001

    async def _in_a_thread(self, task: Task, context: str) -> Any:
        try:
            answer = await self._step.session.in_thread(self.agent.execute_task, task, context, list(self._tools))
        except ToolExecutionFailedError as stuck:
            self._step.fail(stuck.record.failure.message, code="repeated_tool")
        self._note_limit()
        return answer

    async def order(self, order: str, context: str) -> str:
        """What a coworker answers who was given an order."""
        expected = I18N_DEFAULT.slice("manager_request")
        return str(await self.work(Task(description=order, expected_output=expected, agent=self.agent), context))

    async def again(self, feedback: str) -> Any:
        """The same work once more, with a person's words about it."""
        executor = cast(AgentExecutor, self.agent.agent_executor)
        if isinstance(executor, LoopExecutor):
            return await executor.again(feedback)
        executor.state.messages.append(executor._format_feedback_message(feedback))  # noqa: SLF001 - no public way
        answer = await self._step.session.in_thread(executor._invoke_loop)  # noqa: SLF001
        self._note_limit()
        return answer.output

    def _note_limit(self) -> None:
        executor = cast(AgentExecutor, self.agent.agent_executor)
        if executor.state.iterations >= self.spec.max_iter:
            self._step.limited = True
            self._step.emit("task.limited", self.spec.name, max_iter=self.spec.max_iter)

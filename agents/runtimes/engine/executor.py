"""CrewAI's agent loop without its flow engine, on the event loop of the run.

The stock executor is a flow of 32 methods: each step hops to another thread and each task starts an event loop (15 ms of CPU per task, measured);
its asynchronous door does the same in threads of the default pool. This one keeps CrewAI's prompts, messages and parsing and awaits the model and
the tools. It does not cover agents with `planning`, which our specifications do not have. Pinned to crewai 1.15.30 by tests that compare both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import copy_context
from typing import Any, cast

from crewai.agents.agent_executor import AgentExecutor, AgentExecutorState
from crewai.agents.parser import AgentAction, AgentFinish
from crewai.tools.tool_failure import ToolExecutionFailedError
from crewai.utilities.agent_utils import (
    build_tool_calls_assistant_message,
    check_repeated_tool_call,
    format_answer,
    process_llm_response,
)
from crewai.utilities.i18n import I18N_DEFAULT
from crewai.utilities.message_utils import format_message_for_llm
from pydantic import BaseModel, PrivateAttr
from rich.console import Console

from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.tools import LoopTool, use

_MUTE = Console(quiet=True)


class LoopExecutor(AgentExecutor):
    _console: Console = PrivateAttr(
        default_factory=lambda: _MUTE
    )  # CrewAI makes one for each task, and prints nothing here

    def _flow_post_init(self, definition: Any = None) -> None:
        object.__setattr__(self, "_flow_post_init_done", True)

    def __setattr__(self, name: str, value: Any) -> None:
        """As Flow's, which asks the instance for its fields: pydantic warns of that, at 0.1 ms each time."""
        kind = type(self)
        if name in kind.model_fields or name in kind.__private_attributes__:
            BaseModel.__setattr__(self, name, value)
        else:
            object.__setattr__(self, name, value)

    async def ainvoke(self, inputs: dict[str, Any]) -> dict[str, Any]:
        self._state = AgentExecutorState()
        self._tool_call_counts.clear()
        self._kickoff_input = inputs.get("input", "")
        self._setup_messages(inputs)
        return {"output": await self._carried_through()}

    async def again(self, feedback: str) -> Any:
        """Go on after a person's feedback. The draft is shown to the model, which CrewAI does only where there are tools."""
        answer = self.state.current_answer
        if isinstance(answer, AgentFinish) and self.state.messages[-1]["role"] != "assistant":
            self._append_message_to_state(str(answer.text))
        self.state.messages.append(self._format_feedback_message(feedback))
        self._prepare_feedback_iteration()
        return await self._carried_through()

    @property
    def _model(self) -> GatewayLLM:
        return cast(GatewayLLM, self.llm)

    async def _carried_through(self) -> Any:
        self.state.use_native_tools = bool(self.original_tools)
        if self.original_tools:
            self._setup_native_tools()
        while self.state.iterations < self.max_iter:
            if await self._turn():
                break
            self.state.iterations += 1
        else:
            await self._force()
        return cast(AgentFinish, self.state.current_answer).output

    async def _turn(self) -> bool:
        """One question to the model, and what it asks for; true when it gave its final answer."""
        if not self.state.use_native_tools:
            return self._read(await self._model.answer(self.state.messages, response_model=self.response_model))
        answer = await self._model.answer(self.state.messages, self._openai_tools)
        if isinstance(answer, list):
            await self._use_tools(answer)
            return False
        self.state.current_answer = AgentFinish(thought="", output=str(answer), text=str(answer))
        self._append_message_to_state(str(answer))
        return True

    def _read(self, answer: Any) -> bool:
        """An answer of an agent without tools. Text that asks for one all the same is sent back, as CrewAI does."""
        if isinstance(answer, BaseModel):
            self.state.current_answer = AgentFinish(thought="", output=answer, text=answer.model_dump_json())
            return True
        self.state.current_answer = process_llm_response(answer, self.use_stop_words)
        if isinstance(self.state.current_answer, AgentFinish):
            return True
        self._tell_missing(self.state.current_answer)
        try:
            copy_context().run(self.execute_tool_action)  # what its events leave behind goes with the copy
        except ToolExecutionFailedError as stuck:
            self._model.step.fail(stuck.record.failure.message, code="repeated_tool")
        return False

    async def _use_tools(self, calls: list[dict[str, Any]]) -> None:
        """One after the other, so that events and effects keep their order."""
        message, _ = build_tool_calls_assistant_message(calls)
        if message is not None:
            self.state.messages.append(message)
        tools = cast(Mapping[str, LoopTool], self._tool_name_mapping)
        for reported in message["tool_calls"] if message else ():
            name, arguments = reported["function"]["name"], json.loads(reported["function"]["arguments"])
            tool = tools.get(name)
            user = tool.agent if tool else self._model.agent
            result = await use(self._model.step, user, tool, name, arguments)
            told = {"role": "tool", "tool_call_id": reported["id"], "name": name, "content": result}
            self.state.messages.append(told)
            self._refuse_repetition(name, arguments, result)

    def _refuse_repetition(self, tool: str, arguments: Mapping[str, Any], result: str) -> None:
        """An agent that gets the same answer to the same call once more (harden.SAME_CALLS) is ended, by CrewAI's own rule."""
        try:
            check_repeated_tool_call(
                self._tool_call_counts, tool_name=tool, tool_args=dict(arguments), result=result, agent=self.agent
            )
        except ToolExecutionFailedError as stuck:
            self._model.step.fail(stuck.record.failure.message, code="repeated_tool")

    def _tell_missing(self, action: AgentAction) -> None:
        step, agent = self._model.step, self._model.agent
        step.tool_calls += 1
        step.tool_failures += 1
        told = {"call": step.shown("t", agent, step.next_number("t", agent)), "tool": action.tool}
        step.emit("tool.started", agent, **told, arguments=action.tool_input)
        step.emit("tool.failed", agent, **told, error="Tool not found")

    async def _force(self) -> None:
        """The agent is cut off: it has to answer now, without tools, from what it has."""
        step = self._model.step
        step.limited = True
        step.emit("task.limited", self._model.agent, max_iter=self.max_iter)
        self.state.messages.append(format_message_for_llm(I18N_DEFAULT.errors("force_final_answer"), role="user"))
        text = str(await self._model.answer(self.state.messages))
        answer = format_answer(text)
        if isinstance(answer, AgentAction):
            answer = AgentFinish(thought=answer.thought, output=answer.text, text=answer.text)
        self.state.current_answer = answer

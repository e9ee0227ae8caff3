"""CrewAI's agent loop without its flow engine.

The stock executor is a flow of 32 methods: each step hops to another thread and each task starts an event loop (15 ms of CPU per task, measured).
This one calls the same methods from a plain loop in the thread that runs the task, so prompts, tool calls and recovery stay CrewAI's own.
It does not cover agents with `planning`, which our specifications do not have. Pinned to crewai 1.15.30 by a test that compares both executors.
"""

from __future__ import annotations

from typing import Any

from crewai.agents.agent_executor import AgentExecutor, AgentExecutorState
from crewai.agents.parser import AgentFinish

from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.session import current

LAST_ROUTES = {"native_finished"}


class PlainExecutor(AgentExecutor):
    def _flow_post_init(self, definition: Any = None) -> None:
        object.__setattr__(self, "_flow_post_init_done", True)

    def invoke(self, inputs: dict[str, Any]) -> dict[str, Any]:
        self._begin(inputs)
        try:
            self._loop()
            return {"output": self._answer().output}
        finally:
            self._cleanup_deferred_tool_results()
            self._is_executing = False

    def _should_parallelize_native_tool_calls(self, tool_calls: list[Any]) -> bool:
        """Tools of one reply run one after the other, in the task's own thread: events and effects keep their order."""
        return False

    def _begin(self, inputs: dict[str, Any]) -> None:
        with self._execution_lock:
            if self._is_executing:
                raise RuntimeError("An executor runs one task at a time.")
            self._is_executing = self._has_been_invoked = True
        self._finalize_called = False
        self._state = AgentExecutorState()
        self._tool_call_counts.clear()
        self._kickoff_input = inputs.get("input", "")
        self._setup_messages(inputs)

    def _loop(self) -> None:
        self.initialize_reasoning()
        while (route := self.check_max_iterations()) != "force_final_answer":
            if self._ends(self.call_llm_native_tools() if route.endswith("native") else self.call_llm_and_parse()):
                break
        else:
            self._tell_limit()
            self.ensure_force_final_answer()
        self.finalize()

    def _ends(self, route: str) -> bool:
        """Act on what the model answered; true when that was its final answer."""
        if route == "parsed":
            return self._finished() or self._counted(self.execute_tool_action())
        if route == "native_tool_calls":
            return self._counted(self.execute_native_tool())
        if route == "parser_error":
            self.recover_from_parser_error()
        elif route == "context_error":
            self.recover_from_context_length()
        return route in LAST_ROUTES

    def _counted(self, outcome: str) -> bool:
        if outcome == "tool_result_is_final":
            return True
        self.state.iterations += 1
        return False

    def _finished(self) -> bool:
        return isinstance(self.state.current_answer, AgentFinish)

    def _answer(self) -> AgentFinish:
        answer = self.state.current_answer
        if not isinstance(answer, AgentFinish):
            raise TypeError("The agent ended without a final answer.")
        return answer

    def _tell_limit(self) -> None:
        llm = self.llm
        if isinstance(llm, GatewayLLM):
            current.get().limited = True
            llm.session.emit("task.limited", llm.agent, max_iter=self.max_iter)

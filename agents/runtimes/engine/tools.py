"""Tools in CrewAI's shape, awaited on the event loop."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from crewai.tools import BaseTool
from crewai.utilities.string_utils import sanitize_tool_name
from pydantic import PrivateAttr

from agents.llm.types import ToolSpec
from agents.runtimes.engine.schema import model_of
from agents.runtimes.engine.session import Halted
from agents.runtimes.engine.step import Step
from agents.runtimes.outcome import ToolFailed, ToolImpl, User

TEXT_SHOWN = 4_000
ALWAYS = 1_000_000_000  # a bound that no run meets: with one, the stock executor uses tools one after the other


class LoopTool(BaseTool):
    """A tool of one agent in one task."""

    _step: Step = PrivateAttr()
    _agent: str = PrivateAttr()

    def belong_to(self, step: Step, agent: str) -> None:
        self._step, self._agent = step, agent

    @property
    def agent(self) -> str:
        """Whose tool it is, which under a manager need not be who calls it."""
        return self._agent

    @abstractmethod
    async def work(self, arguments: Mapping[str, Any], user: User) -> str:
        """Raises ToolFailed for what the model may know about; anything else ends the run."""

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ValueError, in CrewAI's words, for arguments that do not fit the schema."""
        return self._validate_kwargs(dict(arguments))

    @property
    def brings_in(self) -> bool:
        """Whether what it returns was written by others."""
        return False

    def sends(self, arguments: Mapping[str, Any]) -> bool:
        """Whether it sends something out, used so."""
        return False

    def takes(self, arguments: Mapping[str, Any]) -> bool:
        try:
            self.fit(arguments)
        except ValueError:
            return False
        return True

    def run(self, **arguments: Any) -> str:
        """For the stock executor, in its thread."""
        name = sanitize_tool_name(self.name)
        return self._step.session.from_thread(use(self._step, self._agent, self, name, arguments))

    def _run(self, **arguments: Any) -> str:
        return self.run(**arguments)


class HostTool(LoopTool):
    """A tool that the host brings."""

    _impl: ToolImpl = PrivateAttr()

    @classmethod
    def of(cls, impl: ToolImpl, step: Step, agent: str) -> HostTool:
        spec = impl.spec
        schema = model_of(spec.parameters, name="Arguments")
        tool = cls(
            name=spec.name,
            description=spec.description,
            args_schema=schema,
            result_schema=None,
            max_usage_count=ALWAYS,
        )
        tool.belong_to(step, agent)
        tool._impl = impl
        return tool

    @property
    def spec(self) -> ToolSpec:
        return self._impl.spec

    @property
    def brings_in(self) -> bool:
        return self.spec.brings_in

    def sends(self, arguments: Mapping[str, Any]) -> bool:
        return self.spec.sends(arguments)

    async def work(self, arguments: Mapping[str, Any], user: User) -> str:
        return await self._impl.run(arguments, user)


class _Refused(Exception):
    """A person said no; the words are what the person said."""


async def use(step: Step, agent: str, tool: LoopTool | None, name: str, arguments: Mapping[str, Any]) -> str:
    """What the model is told about the tool that it called, in CrewAI's words."""
    step.check()
    user = step.user(agent)
    told = {"call": step.shown("t", agent, user.number), "tool": name}
    try:
        allowed = await _allowed(step, tool, name, arguments, user)
    except _Refused as refusal:
        step.refused.append(name)
        step.emit("tool.refused", agent, **told, arguments=arguments, reason=str(refusal))
        return f"A person refused this use of the tool {name}. {refusal}".strip()
    step.tool_calls += 1
    step.session.used.add(name)
    step.emit("tool.started", agent, **told, arguments=allowed)
    try:
        text = await _worked(step, tool, allowed, user)
    except ToolFailed as failure:
        step.tool_failures += 1
        step.emit("tool.failed", agent, **told, error=str(failure)[:TEXT_SHOWN])
        text = f"Error executing tool: {failure}" if tool else str(failure)
    else:
        step.emit("tool.finished", agent, **told, output=text[:TEXT_SHOWN])
    if tool is not None and tool.brings_in:
        step.brought_in(agent, name)
    step.check()
    return text


async def _allowed(
    step: Step, tool: LoopTool | None, name: str, arguments: Mapping[str, Any], user: User
) -> Mapping[str, Any]:
    """The arguments to use: a person who is asked may change them. Nobody is asked about a use that cannot work."""
    if tool is None or not tool.takes(arguments):
        return arguments
    outside = step.outside if tool.sends(arguments) else ""
    if tool.name not in step.guarded and not outside:
        return arguments
    text, more = _why(f"“{user.agent}” wants to use the tool “{name}”", outside)
    answer = await step.ask_person("approval", text, agent=user.agent, tool=name, arguments=dict(arguments), **more)
    if answer.action == "approve":
        return arguments
    if answer.action == "edit" and answer.data is not None:
        return answer.data
    raise _Refused(answer.text)


def _why(wish: str, outside: str) -> tuple[str, dict[str, str]]:
    """The question and its further details. After what others wrote only a person's own word counts, not a deadline that approves."""
    if not outside:
        return f"{wish}.", {}
    text = f"{wish} after “{outside}” brought in what others wrote, which may hold orders of theirs. Is this what you want?"
    return text, {"outside": outside, "at_deadline": "fail"}


async def _worked(step: Step, tool: LoopTool | None, arguments: Mapping[str, Any], user: User) -> str:
    if tool is None:
        raise ToolFailed("Tool not found")
    try:
        fitting = tool.fit(arguments)
    except ValueError as misfit:
        raise ToolFailed(str(misfit)) from misfit
    try:
        return await tool.work(fitting, user)
    except (ToolFailed, Halted):
        raise
    except Exception as bug:  # noqa: BLE001 - CrewAI would hand it to the model as text; it ends the run instead
        step.halt(bug)

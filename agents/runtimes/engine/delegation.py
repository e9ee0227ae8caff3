"""Giving work to a coworker: CrewAI's two tools, with their names and words, awaited instead of blocking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crewai.tools.agent_tools.ask_question_tool import AskQuestionToolSchema
from crewai.tools.agent_tools.base_agent_tools import BaseAgentTool
from crewai.tools.agent_tools.delegate_work_tool import DelegateWorkToolSchema
from crewai.utilities.i18n import I18N_DEFAULT
from crewai.utilities.string_utils import sanitize_tool_name
from pydantic import BaseModel, PrivateAttr

from agents.runtimes.engine.step import Step
from agents.runtimes.engine.tools import ALWAYS, LoopTool
from agents.runtimes.outcome import ToolFailed, User
from agents.runtimes.spec import AgentSpec

Coworker = Callable[[AgentSpec, str, str], Awaitable[str]]
FORMS: tuple[tuple[str, str, str, type[BaseModel]], ...] = (
    ("Delegate work to coworker", "delegate_work", "task", DelegateWorkToolSchema),
    ("Ask question to coworker", "ask_question", "question", AskQuestionToolSchema),
)
DELEGATION = tuple(sanitize_tool_name(form[0]) for form in FORMS)


class Delegation(LoopTool):
    _coworkers: Sequence[AgentSpec] = PrivateAttr()
    _wish: str = PrivateAttr()
    _ask: Coworker = PrivateAttr()

    def lead_to(self, coworkers: Sequence[AgentSpec], wish: str, ask: Coworker) -> None:
        """`wish` is the argument that holds the order."""
        self._coworkers, self._wish, self._ask = coworkers, wish, ask

    async def work(self, arguments: Mapping[str, Any], user: User) -> str:
        if reason := self._step.session.bars(user):
            raise ToolFailed(reason)
        named = _plain(_first(arguments.get("coworker")))
        for coworker in self._coworkers:
            if _plain(coworker.role) == named:
                return await self._ask(coworker, arguments[self._wish], arguments["context"])
        known = "\n".join(f"- {_plain(coworker.role)}" for coworker in self._coworkers)
        error = f"No agent found with role '{named}'"
        return I18N_DEFAULT.errors("agent_tool_unexisting_coworker").format(coworkers=known, error=error)


def delegation_tools(step: Step, agent: str, coworkers: Sequence[AgentSpec], ask: Coworker) -> list[LoopTool]:
    """`ask` gives a coworker an order and its context, and brings back the answer."""
    roles = ", ".join(coworker.role for coworker in coworkers)
    tools: list[LoopTool] = []
    for name, text, wish, schema in FORMS:
        description = str(I18N_DEFAULT.tools(text)).format(coworkers=roles)
        tool = Delegation(name=name, description=description, args_schema=schema, max_usage_count=ALWAYS)
        tool.belong_to(step, agent)
        tool.lead_to(coworkers, wish, ask)
        tools.append(tool)
    return tools


def _first(coworker: Any) -> str:
    """Models put one name into a list now and then."""
    return str(BaseAgentTool._get_coworker(coworker) or "")  # noqa: SLF001 - CrewAI's own reading


def _plain(role: str) -> str:
    return " ".join(role.split()).replace('"', "").casefold()

"""Our tools in CrewAI's shape."""

from __future__ import annotations

from typing import Any

from crewai.tools import BaseTool
from pydantic import PrivateAttr

from agents.runtimes.engine.schema import model_of
from agents.runtimes.engine.session import Session, current
from agents.runtimes.outcome import ToolFailed, ToolImpl, User


class HostTool(BaseTool):
    """CrewAI validates the arguments, counts the call and turns ToolFailed into text for the model."""

    _impl: ToolImpl = PrivateAttr()
    _session: Session = PrivateAttr()
    _agent: str = PrivateAttr()

    @classmethod
    def of(cls, impl: ToolImpl, session: Session, agent: str) -> HostTool:
        spec = impl.spec
        tool = cls(
            name=spec.name,
            description=spec.description,
            args_schema=model_of(spec.parameters, name="Arguments"),
            result_schema=None,
        )
        tool._impl, tool._session, tool._agent = impl, session, agent
        return tool

    def _run(self, **arguments: Any) -> str:
        self._session.check()
        try:
            return self._impl.run(arguments, User(self._agent, current.get().task))
        except ToolFailed:
            raise
        except Exception as bug:  # noqa: BLE001 - CrewAI would hand it to the model as text; it ends the run instead
            self._session.halt(bug)

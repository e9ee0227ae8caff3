"""Letting agents use tools: allowed or refused aloud, arguments that fit, bounded in number, time and size."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, ToolImpl, User
from agents.tools.context import ToolContext
from agents.tools.permissions import Trespassed, check_operation, trespass_of
from agents.tools.registry import Tool, arguments_of

LONGEST_MISFIT = 300


def implementations(names: Iterable[str], tools: Mapping[str, Tool], context: ToolContext) -> dict[str, ToolImpl]:
    """One implementation per name, never fewer: what does not exist or is not granted is there, and refuses when it is used."""
    return {name: _implementation(name, tools.get(name), context) for name in dict.fromkeys(names)}


def _implementation(name: str, tool: Tool | None, context: ToolContext) -> ToolImpl:
    if tool is None:
        reason = f"There is no tool {name} in this workspace any more."
        return ToolImpl(
            ToolSpec(callable_name(name), reason, arguments_of([]) | {"additionalProperties": True}),
            _Gone(name, reason, context),
        )
    return ToolImpl(tool.spec, _Guarded(name, tool, context))


def callable_name(name: str) -> str:
    """A name that every provider takes for a function."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-") else "_" for sign in name)[:64]


class _Gone:
    """What stands where a tool was: the use is noted, and the model is told why."""

    def __init__(self, name: str, reason: str, context: ToolContext) -> None:
        self._name, self._reason, self._context = name, reason, context

    async def __call__(self, arguments: Mapping[str, Any], user: User) -> str:
        self._context.emit("tool.refused", task=user.task, agent=user.agent, tool=self._name, reason=self._reason)
        await self._context.refused(self._name, arguments, user, self._reason)
        raise ToolFailed(self._reason)


class _Guarded:
    """A tool of one run, below the model: who may not use it does not. Counts across all agents; the limits are the tool's own."""

    def __init__(self, name: str, tool: Tool, context: ToolContext) -> None:
        self._name, self._tool, self._context, self._limits = name, tool, context, tool.limits
        self._run = tool.make(context)
        self._fits = Draft202012Validator(dict(tool.spec.parameters), registry=Registry())
        self._calls = 0

    async def __call__(self, arguments: Mapping[str, Any], user: User) -> str:
        try:
            self._check_leave(arguments, user)
            return await self._used(arguments, user)
        except Trespassed as stopped:
            await self._tell(stopped, arguments, user)
            raise ToolFailed(str(stopped)) from stopped

    def _check_leave(self, arguments: Mapping[str, Any], user: User) -> None:
        leave = self._context.leave_of(user.agent)
        if (found := trespass_of(self._name, self._tool, leave)) is not None:
            raise Trespassed(found)
        if operation := self._operation(arguments):
            check_operation(leave, self._name, operation)

    def _operation(self, arguments: Mapping[str, Any]) -> str:
        """What is to be done, where the tool does several things and its user chooses."""
        known = self._tool.spec.parameters.get("properties", {}).get(self._tool.operation)
        return str(arguments.get(self._tool.operation, known.get("default", ""))).lower() if known else ""

    async def _tell(self, stopped: Trespassed, arguments: Mapping[str, Any], user: User) -> None:
        told = {"task": user.task, "agent": user.agent, "tool": self._name, "reason": str(stopped)}
        self._context.emit("tool.refused", **told)
        await self._context.refused(self._name, arguments, user, str(stopped))
        self._context.trespassed(stopped.trespass, user, self._context.leave_of(user.agent).made_from)

    async def _used(self, arguments: Mapping[str, Any], user: User) -> str:
        self._check(arguments)
        self._calls += 1
        if self._calls > self._limits.calls:
            raise ToolFailed(
                f"{self._name} was used {self._limits.calls} times in this run, which is all it may be. Go on without it."
            )
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer = await self._run(arguments, user)
        except TimeoutError:
            raise ToolFailed(
                f"{self._name} took longer than {self._limits.seconds:g} seconds and was stopped."
            ) from None
        return cut(answer, self._limits.characters)

    def _check(self, arguments: Mapping[str, Any]) -> None:
        misfit = next(iter(self._fits.iter_errors(dict(arguments))), None)
        if misfit is not None:
            raise ToolFailed(
                f"{self._name} was given wrong arguments: at “{misfit.json_path}”: {misfit.message[:LONGEST_MISFIT]}."
            )


def cut(text: str, most: int) -> str:
    """At most `most` characters; where some are left out, the last line says how many."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[The answer has {len(text):,} characters; these are the first {most:,}. Ask for less to see the rest.]"

"""An agent as a class: what it declares, and the hooks that a task goes through.

    before(work)                    look at the work, complete it, or refuse it with CannotDo
    retrieve_context(work)          gather what is needed, through tools; gives a text
    prompt(work, gathered)          the conversation that the model is shown
    process(work, messages)         do it; LLMAgent, DataAgent and IntegrationAgent each in their way
    after(work, made)               check and shape the answer; NotGoodEnough sends it back
    recover(work, error, attempt)   after NotGoodEnough or ToolFailed: the work to try again with, or None to give up

A subclass overrides any of them and calls `super()` where it only adds. `run` is the order itself and is not overridden.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, final

from pydantic import BaseModel

from agents.llm.types import Message, Reply
from agents.runtimes.desk import CannotDo, Desk, Made, Work
from agents.runtimes.outcome import ToolFailed

OFFLINE = "offline"


class NotGoodEnough(Exception):
    """An answer that `after` does not let pass; `feedback` tells the agent what to do better."""

    def __init__(self, feedback: str) -> None:
        super().__init__(feedback)
        self.feedback = feedback


@dataclass(frozen=True, slots=True)
class Input:
    """Something that whoever uses the agent says; it stands as `{name}` in the class's role, goal or backstory."""

    name: str
    description: str


class BaseAgent(ABC):
    """One instance does one task. What is declared here is what the catalogue shows."""

    name: ClassVar[str]
    version: ClassVar[str]
    title: ClassVar[str]
    role: ClassVar[str]
    goal: ClassVar[str]
    backstory: ClassVar[str]
    capabilities: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[Input, ...]] = ()
    output: ClassVar[type[BaseModel] | None] = None
    tools: ClassVar[tuple[str, ...]] = ()
    permissions: ClassVar[tuple[str, ...]] = ()
    offline: ClassVar[str] = "It needs a language model."
    attempts: ClassVar[int] = 2

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.gathered = ""
        self.is_offline = False

    @final
    async def run(self, work: Work) -> Made:
        """The hooks in their order. Raises CannotDo; what ends the whole run passes through."""
        work = await self.before(work)
        self.gathered = await self.retrieve_context(work)
        for attempt in range(1, self.attempts + 1):
            try:
                made = await self.process(work, await self.prompt(work, self.gathered))
                return await self.after(work, made)
            except (NotGoodEnough, ToolFailed) as error:
                again = await self.recover(work, error, attempt) if attempt < self.attempts else None
                if again is None:
                    raise CannotDo(str(error)) from error
                work = again
        raise AssertionError("the last attempt returns or raises")

    async def before(self, work: Work) -> Work:
        """Refuse empty work."""
        if not work.task.strip():
            raise CannotDo("There is nothing to do: the task is empty.")
        return work

    async def retrieve_context(self, work: Work) -> str:
        """Nothing is gathered."""
        return ""

    async def prompt(self, work: Work, gathered: str) -> Sequence[Message]:
        """Who the agent is, then the task with what it is to stand on, then what was wrong with the last answer."""
        parts = [
            f"Task:\n{work.task}",
            f"Expected:\n{work.expected}" if work.expected else "",
            f"What earlier tasks came to:\n{work.context}" if work.context else "",
            gathered,
            f"Your last answer could not be used. {work.feedback}" if work.feedback else "",
        ]
        return [
            Message("system", self.instructions(work)),
            Message("user", "\n\n".join(part for part in parts if part)),
        ]

    def instructions(self, work: Work) -> str:
        """Who the agent is. The texts of the workspace's agent go before those of the class."""
        role, goal, story = work.role or self.role, work.goal or self.goal, work.backstory or self.backstory
        return f"You are {role}\nYour goal: {goal}\n{story}"

    @abstractmethod
    async def process(self, work: Work, messages: Sequence[Message]) -> Made: ...

    async def after(self, work: Work, made: Made) -> Made:
        """An empty answer is none."""
        if not made.text.strip():
            raise NotGoodEnough("Your answer was empty.")
        return made

    async def recover(self, work: Work, error: Exception, attempt: int) -> Work | None:
        """Try again and say why."""
        return replace(work, feedback=str(error))

    async def ask(self, messages: Sequence[Message], model: type[BaseModel] | None = None) -> Reply:
        """One model call, noting whether a model answered at all."""
        reply = await self.desk.ask(messages, schema=model.model_json_schema() if model else None)
        self.is_offline = self.is_offline or reply.provider == OFFLINE
        return reply

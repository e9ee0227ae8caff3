"""Three kinds of agents: those that ask a model, those that compute, and those that act on other systems."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

from agents.library.frame.base import BaseAgent, NotGoodEnough
from agents.llm.types import Message, Reply, ToolCall
from agents.runtimes.desk import CannotDo, Made, Work
from agents.runtimes.outcome import ToolFailed

M = TypeVar("M", bound=BaseModel)


class LLMAgent(BaseAgent):
    """Asks a model once, for text or for its output model. `write` makes the text of a structured answer."""

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        if self.output is None:
            return Made((await self.ask(messages)).text)
        answer = await self.fitting(messages, self.output)
        if answer is None:
            raise CannotDo(f"No language model is connected. {self.offline}")
        return self.made(answer)

    async def fitting(self, messages: Sequence[Message], model: type[M]) -> M | None:
        """The model's answer as `model`; None when only the offline provider answers. Raises NotGoodEnough with what does not fit."""
        reply = await self.ask(messages, model)
        if self.is_offline:
            return None
        try:
            return model.model_validate_json(_bare(reply.text))
        except ValidationError as misfit:
            first = misfit.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise NotGoodEnough(
                f"Answer with JSON of the form asked for; wrong at {where}: {first['msg']}."
            ) from misfit

    def made(self, answer: BaseModel, *notes: str) -> Made:
        return Made(self.write(answer), answer.model_dump(mode="json"), notes)

    def write(self, answer: Any) -> str:
        """The structured answer for a reader; without a better idea its JSON."""
        return str(answer.model_dump_json(indent=2))


class DataAgent(LLMAgent):
    """Figures come from `compute`, never from the model, which only says what to compute."""

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        return await self.compute(work, messages)

    @abstractmethod
    async def compute(self, work: Work, messages: Sequence[Message]) -> Made: ...


@dataclass(slots=True)
class Act:
    """A use of a tool that really took place, and what came of it; `tries` counts the times."""

    tool: str
    arguments: Mapping[str, Any]
    tries: int = 0
    answer: str = ""
    error: str = ""


@dataclass(slots=True)
class Conversation:
    """A model with tools in hand: its turns, and the acts that were carried out for it."""

    messages: list[Message]
    acts: list[Act] = field(default_factory=list)


class IntegrationAgent(LLMAgent):
    """Lets the model call tools, at most `rounds` times, and repeats a call that failed only where that is harmless."""

    rounds: ClassVar[int] = 8
    tries: ClassVar[int] = 3

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        talk = Conversation(list(messages))
        for _ in range(self.rounds):
            reply = await self.desk.ask(talk.messages, tools=tuple(self.desk.tools.values()))
            self.is_offline = self.is_offline or reply.provider == "offline"
            if not reply.tool_calls:
                return self.report(work, talk, reply)
            talk.messages.append(Message("assistant", reply.text, tool_calls=reply.tool_calls))
            for call in reply.tool_calls:
                talk.messages.append(await self._called(talk, call))
        raise CannotDo(f"It used tools {self.rounds} times and had not come to an end.")

    def report(self, work: Work, talk: Conversation, reply: Reply) -> Made:
        """What the model says at the end."""
        return Made(reply.text)

    def is_harmless(self, act: Act) -> bool:
        """Whether a call may be repeated that failed. What changes something may have happened although it failed."""
        return False

    async def act(self, talk: Conversation, tool: str, arguments: Mapping[str, Any]) -> Act:
        """Use a tool, again after a failure if that is harmless."""
        act = Act(tool, arguments)
        talk.acts.append(act)
        for _ in range(self.tries if self.is_harmless(act) else 1):
            act.tries += 1
            try:
                act.answer, act.error = await self.desk.use(tool, arguments), ""
                break
            except ToolFailed as failure:
                act.error = str(failure)
        return act

    async def _called(self, talk: Conversation, call: ToolCall) -> Message:
        if call.name not in self.desk.tools:
            known = ", ".join(sorted(self.desk.tools)) or "none"
            return Message("tool", f"There is no tool {call.name} here. There is: {known}.", tool_call_id=call.id)
        act = await self.act(talk, call.name, call.arguments)
        return Message("tool", act.answer if not act.error else f"It failed: {act.error}", tool_call_id=call.id)


def _bare(text: str) -> str:
    """Without the code block that models like to put around JSON."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare.strip("`").partition("\n")[2]
    return bare


def as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)

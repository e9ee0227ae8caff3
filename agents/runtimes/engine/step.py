"""A task while it runs: its numbers, its calls to the model, and what it says about itself."""

from __future__ import annotations

from asyncio import CancelledError
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NoReturn

from agents.llm.types import Image, LLMError, Reply, Request, Usage
from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.outcome import (
    Answer,
    Ask,
    AskKind,
    CallId,
    CrewFailed,
    EventKind,
    RunStopped,
    StepOutput,
    StepResult,
    User,
)
from agents.runtimes.spec import LimitsSpec

UNBOUND = LimitsSpec()


@dataclass(slots=True)
class Step:
    """`agent` is who answers for the task; coworkers may speak in it too. A person is asked before each use of `guarded` tools.

    `pictures` go with every question to a model, whoever in the task asks it.
    `outside` names the tool that brought in what others wrote; it may have been in a task whose output this one was given.
    """

    session: Session
    task: str
    agent: str
    limits: LimitsSpec = UNBOUND
    guarded: frozenset[str] = frozenset()
    pictures: tuple[Image, ...] = ()
    outside: str = ""
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    model_calls: int = 0
    tool_calls: int = 0
    tool_failures: int = 0
    limited: bool = False
    refused: list[str] = field(default_factory=list)
    fault: Exception | None = None
    _numbers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def check(self) -> None:
        if self.fault is not None:
            raise Halted(self.fault)
        self.session.check()

    def _check_within(self) -> None:
        """The same inside a call, in words that the host knows."""
        try:
            self.check()
        except Halted as halted:
            raise RunStopped(_reason(halted.cause)) from halted

    def halt(self, cause: Exception) -> NoReturn:
        """End this task. The cause is kept, as the stock executor turns what a tool raises into text."""
        self.fault = self.fault or cause
        raise Halted(self.fault) from cause

    def fail(self, detail: str, *, code: str) -> NoReturn:
        self.halt(CrewFailed(detail, task=self.task, code=code))

    def emit(self, kind: EventKind, agent: str = "", /, **data: Any) -> None:
        self.session.emit(kind, self.task, agent or self.agent, **data)

    def next_number(self, letter: str, agent: str) -> int:
        """Counts per agent, so that no call depends on what runs beside it."""
        self._numbers[letter, agent] += 1
        return self._numbers[letter, agent]

    def shown(self, letter: str, agent: str, number: int) -> str:
        """The name of a call in events, unique in this task."""
        return f"{letter}{number}" if agent == self.agent else f"{agent}/{letter}{number}"

    def user(self, agent: str) -> User:
        return User(agent, self.task, self.next_number("t", agent), self.outside)

    def brought_in(self, agent: str, tool: str) -> None:
        """Something came in that others wrote. Recorded answers come in again when a run goes on, and so does this."""
        if not self.session.watches or self.outside:
            return
        self.outside = tool
        text = f"“{tool}” brought in what others wrote. From here on a person allows what this task sends out."
        self.emit("task.note", agent, code="outside_content", tool=tool, text=text)

    async def ask(self, agent: str, request: Request, *, bears: tuple[type[LLMError], ...] = ()) -> Reply:
        """One model call: counted, told to the host, and stopped within while its text streams. An error that it `bears` is raised; others end the run."""
        self.check()
        self._check_limits()
        number = self.next_number("m", agent)
        told = self.shown("m", agent, number)
        self.emit("model.started", agent, call=told, model=request.model)
        reply = await self._answered(_showing(request, self.pictures), CallId(self.task, agent, number), told, bears)
        self._count(agent, told, reply)
        self.check()
        return reply

    async def ask_person(self, kind: AskKind, text: str, *, agent: str = "", draft: str = "", **details: Any) -> Answer:
        """Comes back with the answer; while there is none, the run lets go here and asks again when it goes on."""
        self.check()
        asker = agent or self.agent
        question = Ask(kind, self.task, asker, self.next_number("q", asker), text, draft, details)
        self.emit("question.asked", asker, question=question.key, about=kind)
        try:
            answer = await self.session.hooks.ask(question)
        except RunStopped as stop:
            self.halt(stop)
        self.emit("question.answered", asker, question=question.key, about=kind, action=answer.action)
        self.check()
        return answer

    def _check_limits(self) -> None:
        used = (
            (self.limits.model_calls, self.model_calls, "model calls"),
            (self.limits.tokens, self.usage.total_tokens, "tokens"),
            (self.limits.usd, self.cost, "dollars"),
        )
        for most, spent, unit in used:
            if most and spent >= most:
                detail = f"“{self.task}” may use {most:g} {unit}, and it has used {spent:g}; more needs a higher limit."
                self.fail(detail, code="task_limit")

    async def _answered(
        self, request: Request, call: CallId, told: str, bears: tuple[type[LLMError], ...] = ()
    ) -> Reply:
        prose = request.response_schema is None

        def hear(text: str) -> None:
            """Prose is shown as it comes; JSON in the making is not, but can be stopped all the same."""
            if prose:
                self.emit("model.text", call.agent, call=told, text=text)
            self._check_within()

        def told_failed(code: str, error: str) -> None:
            self.emit("model.failed", call.agent, call=told, code=code, error=error)

        try:
            return await self.session.complete(request, call=call, on_text=hear)
        except LLMError as error:
            told_failed(error.code, error.detail)
            self.check()  # a call that failed because the time is up is a stop, not a failure
            if isinstance(error, bears):
                raise
            self.halt(error)
        except RunStopped as stop:
            told_failed(stop.reason, "Stopped.")
            self.halt(stop)
        except CancelledError:
            told_failed("cancelled", "Stopped.")
            raise

    def result(self, output: StepOutput) -> StepResult:
        return StepResult(
            task=self.task,
            agent=self.agent,
            output=output,
            usage=self.usage,
            cost=self.cost,
            model_calls=self.model_calls,
            tool_calls=self.tool_calls,
            tool_failures=self.tool_failures,
        )

    async def finish(self, output: StepOutput) -> None:
        result = self.result(output)
        try:
            await self.session.hooks.step_done(result)
        except RunStopped as stop:
            self.halt(stop)
        self.session.steps.append(result)
        self.emit("task.finished", limited=self.limited)

    def _count(self, agent: str, told: str, reply: Reply) -> None:
        session = self.session
        self.usage, self.cost, self.model_calls = self.usage + reply.usage, self.cost + reply.cost, self.model_calls + 1
        session.usage, session.cost = session.usage + reply.usage, session.cost + reply.cost
        self.emit(
            "model.finished",
            agent,
            call=told,
            provider=reply.provider,
            model=reply.model,
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            cost=str(reply.cost),
            finish_reason=reply.finish_reason,
        )


def _showing(request: Request, pictures: tuple[Image, ...]) -> Request:
    """The request with the pictures at its first user message, where the task stands."""
    if not pictures:
        return request
    first = next(place for place, message in enumerate(request.messages) if message.role == "user")
    told = [replace(m, images=pictures) if place == first else m for place, m in enumerate(request.messages)]
    return replace(request, messages=tuple(told))


def _reason(cause: Exception) -> str:
    return cause.reason if isinstance(cause, RunStopped) else "failed_elsewhere"

"""The tool `ask_agent`: another agent of the crew answers a question, with its own tools and on the run's own account."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from agents.llm.types import Message, Reply, Request, ToolSpec
from agents.runtimes.outcome import CallId, Complete, ToolFailed, ToolImpl, User
from agents.runtimes.spec import AgentSpec, CrewSpec
from agents.tools.context import ToolContext
from agents.tools.permissions import Trespass
from agents.tools.registry import Limits, Run, Tool, arguments_of

NAME = "ask_agent"
DEEPEST = 2  # who was asked may ask once more
ROUNDS = 6
CALLS_PER_QUESTION = 1_000
NOBODY_ASKED = "The tool {} is used only when a person has allowed it, and an agent that answers another asks nobody."

_chain: ContextVar[tuple[str, ...]] = ContextVar("guildhall_asked", default=())


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one agent. `label` stands for that agent in the run's records, apart from its own tasks."""

    agent: AgentSpec
    task: str
    label: str
    first: int

    def call(self, number: int) -> CallId:
        return CallId(self.task, self.label, self.first + number)

    def user(self, number: int) -> User:
        return User(self.label, self.task, self.first + number)


def _make(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        chain = (*(_chain.get() or (user.agent,)), arguments["agent"])
        asked = Asked(_answering(context.crew, chain), user.task, _label(chain), user.number * CALLS_PER_QUESTION)
        if context.complete is None:
            raise ToolFailed("Nobody can be asked here.")
        context.emit(
            "agent.asked",
            task=user.task,
            agent=user.agent,
            asked=asked.agent.name,
            question=arguments["question"][:2_000],
        )
        token = _chain.set(chain)
        try:
            tools = _unasked(context, asked, user.outside)
            answer = await _answer(asked, arguments["question"], context.complete, tools)
        finally:
            _chain.reset(token)
        context.emit(
            "agent.answered", task=user.task, agent=asked.agent.name, asked_by=user.agent, answer=answer[:2_000]
        )
        return answer

    return run


def _unasked(context: ToolContext, asked: Asked, outside: str) -> dict[str, ToolImpl]:
    """The run's tools as an agent that answers may use them: here nobody can be asked, so what needs a person's leave is refused.

    `outside` is what brought others' words into the task of whoever asks.
    """
    leave, read = context.leave_of(asked.label), [outside] if outside else []
    trusts = context.crew is not None and context.crew.trust_outside_content
    tasks = context.crew.tasks if context.crew is not None else ()
    guarded = {name for task in tasks if task.name == asked.task for name in task.ask_before_tools}

    def lent(name: str, impl: ToolImpl) -> ToolImpl:
        if leave.needs_approval(name):
            return ToolImpl(impl.spec, _barred(name, context))
        if name in guarded:
            return ToolImpl(impl.spec, _withheld(name))
        return impl if trusts else replace(impl, run=_watched(impl, read))

    return {name: lent(name, impl) for name, impl in context.tools.items()}


def _watched(impl: ToolImpl, read: list[str]) -> Run:
    """The tool as it may be used once others' words are there; `read` collects what brought them, for all tools of one answer."""

    async def run(arguments: Mapping[str, Any], user: User) -> str:
        if read and impl.spec.sends(arguments):
            raise ToolFailed(
                f"“{read[0]}” brought in what others wrote; from then on {impl.spec.name} is used only when a person has allowed it, "
                "and an agent that answers another asks nobody."
            )
        try:
            return await impl.run(arguments, replace(user, outside="".join(read[:1])))
        finally:
            if impl.spec.brings_in:
                read.append(impl.spec.name)

    return run


def _withheld(name: str) -> Run:
    """The task asks a person before each use of it."""

    async def refuse(_arguments: Mapping[str, Any], _user: User) -> str:
        raise ToolFailed(NOBODY_ASKED.format(name))

    return refuse


def _barred(name: str, context: ToolContext) -> Run:
    async def refuse(arguments: Mapping[str, Any], user: User) -> str:
        tried = NOBODY_ASKED.format(name)
        context.trespassed(Trespass("approval", f"tool:{name}", tried), user, context.leave_of(user.agent).made_from)
        raise ToolFailed(tried)

    return refuse


def _answering(crew: CrewSpec | None, chain: tuple[str, ...]) -> AgentSpec:
    """Who is asked. Raises ToolFailed for a stranger, for oneself, for a circle and for a chain that is too long."""
    *before, name = chain
    others = [agent for agent in (crew.agents if crew else ()) if agent.name not in before]
    if len(before) > DEEPEST:
        raise ToolFailed("You were asked by an agent that was asked itself; answer with what you know.")
    found = next((agent for agent in others if agent.name == name), None)
    if found is None:
        names = ", ".join(agent.name for agent in others)
        raise ToolFailed(
            f"You cannot ask “{name[:100]}”. {f'You can ask: {names}.' if names else 'There is nobody to ask.'}"
        )
    return found


def _label(chain: tuple[str, ...]) -> str:
    return f"{chain[-1][:80]} ~{hashlib.sha256('>'.join(chain).encode()).hexdigest()[:8]}"


async def _answer(asked: Asked, question: str, complete: Complete, tools: Mapping[str, ToolImpl]) -> str:
    """A short conversation: the model answers, or uses the agent's own tools and answers then."""
    usable = {tools[name].spec.name: tools[name] for name in asked.agent.tools if name in tools}
    messages = [Message("system", _about(asked.agent)), Message("user", question)]
    used = 0
    for turn in range(1, ROUNDS + 1):
        offered = [tool.spec for tool in usable.values()] if turn < ROUNDS else []
        request = Request(messages, asked.agent.llm, offered, temperature=asked.agent.temperature)
        reply = await complete(request, call=asked.call(turn))
        if not reply.tool_calls or not offered:
            break
        messages += [Message("assistant", reply.text, reply.tool_calls), *await _used(asked, reply, usable, used)]
        used += len(reply.tool_calls)
    if not reply.text.strip():
        raise ToolFailed(f"{asked.agent.name} had no answer.")
    return reply.text


async def _used(asked: Asked, reply: Reply, tools: Mapping[str, ToolImpl], before: int) -> list[Message]:
    answers = []
    for number, call in enumerate(reply.tool_calls, start=before + 1):
        try:
            if call.name not in tools:
                raise ToolFailed(f"There is no tool {call.name[:100]} here.")
            text = await tools[call.name].run(call.arguments, asked.user(number))
        except ToolFailed as failure:
            text = f"Error: {failure}"
        answers.append(Message("tool", text, tool_call_id=call.id))
    return answers


def _about(agent: AgentSpec) -> str:
    return (
        f"You are {agent.role}. {agent.backstory}\nYour goal: {agent.goal}\n"
        "A colleague of your crew asks you a question. Answer it completely and briefly."
    )


TOOL = Tool(
    title="Ask another agent",
    summary="Has another agent of the crew answer a question, with its own tools; that costs model calls.",
    permissions=("agents:delegate",),
    spec=ToolSpec(
        NAME,
        "Ask another agent of your crew a question and get its answer. It knows nothing of your task: write all that it needs.",
        arguments_of(
            ["agent", "question"],
            agent={"type": "string", "minLength": 1, "maxLength": 100, "description": "The agent's name."},
            question={"type": "string", "minLength": 1, "maxLength": 20_000},
        ),
        acts=False,
        brings_in=True,
    ),
    make=_make,
    effect="read",
    limits=Limits(calls=30, seconds=600, characters=20_000),
)

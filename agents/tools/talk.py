"""How the agents of one run write to each other: an inbox for each, and one place that all of them see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.llm.types import ToolSpec
from agents.protocol.bus import Bus
from agents.protocol.context import SharedContext
from agents.protocol.errors import ProtocolError
from agents.protocol.inbox import Inbox
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.registry import Limits, Run, Tool, arguments_of

LONGEST = 20_000
AT_ONCE = 20
SEND, READ, PUT = "send_message", "read_messages", "put_shared"
TALKING = {SEND, READ, PUT, "get_shared", "list_shared"}
"""The tools that need a Talk."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A use of one of these tools that is on record: who, which, and with what."""

    agent: str
    tool: str
    arguments: Mapping[str, Any]


class Talk:
    """The bus of one run with an inbox per agent, and what its agents share. Opened before the first speaks, so that nothing is missed."""

    def __init__(self, bus: Bus, inboxes: Mapping[str, Inbox], shared: SharedContext) -> None:
        self.bus, self.inboxes, self.shared = bus, inboxes, shared

    @classmethod
    async def open(cls, bus: Bus, agents: Iterable[str], *, shared: SharedContext) -> Talk:
        return cls(bus, {name: await bus.open(name) for name in agents}, shared)

    async def restore(self, spoken: Iterable[Spoken]) -> None:
        """Bring the inboxes to where they were: a run that goes on is handed its recorded answers, and the tools are not asked again."""
        for use in spoken:
            if use.tool == SEND:
                await self.send(name_of(use.agent), use.arguments)
            elif use.tool == READ:
                await self.read(name_of(use.agent), use.arguments)
            elif use.tool == PUT:
                await put(self.shared, name_of(use.agent), use.arguments)

    async def send(self, sender: str, arguments: Mapping[str, Any]) -> str:
        how: dict[str, Any] = {"sender": sender, "priority": arguments.get("priority", 5)}
        to = arguments.get("to", "")
        if to:
            await self.bus.send(arguments["content"], to=to, **how)
            return f"{to} has it."
        receipt = await self.bus.broadcast(arguments["content"], **how)
        return f"{receipt.delivered} {'agent has' if receipt.delivered == 1 else 'agents have'} it."

    async def read(self, agent: str, arguments: Mapping[str, Any]) -> str:
        inbox = self.inboxes.get(agent)
        if inbox is None:
            return "You have no inbox in this run."
        taken = await inbox.take(arguments.get("most", AT_ONCE))
        for delivery in taken:
            await delivery.ack()
        told = (f"From {each.message.sender} ({each.message.kind}): {each.message.content}" for each in taken)
        return "\n".join(told) or "There are no new messages."

    async def aclose(self) -> None:
        await self.bus.aclose()


async def get(shared: SharedContext, key: str) -> str:
    entry = await shared.get(key)
    return (
        f"[version {entry.version}, by {entry.by}]\n{_written(entry.value)}"
        if entry
        else f"Nobody has shared “{key}” yet."
    )


async def put(shared: SharedContext, agent: str, arguments: Mapping[str, Any]) -> str:
    entry = await shared.put(arguments["key"], arguments["value"], by=agent, expected=arguments.get("version"))
    return f"“{entry.key}” has version {entry.version} now."


async def listed(shared: SharedContext, prefix: str) -> str:
    entries = await shared.list(prefix)
    return (
        "\n".join(f"{each.key} (version {each.version}, by {each.by})" for each in entries) or "Nothing is shared yet."
    )


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def name_of(agent: str) -> str:
    """Who was asked by another agent speaks and reads as itself."""
    return agent.partition(" ~")[0]


def _talk(context: ToolContext) -> Talk:
    if context.talk is None:
        raise ToolFailed("The agents of this run have no way to write to each other.")
    return context.talk


def _send(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        try:
            return await _talk(context).send(name_of(user.agent), arguments)
        except ProtocolError as refusal:
            others = ", ".join(name for name in _talk(context).inboxes if name != name_of(user.agent))
            raise ToolFailed(f"{refusal.detail} You can write to: {others or 'nobody'}.") from refusal

    return run


def _read(context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], user: User) -> str:
        try:
            return await _talk(context).read(name_of(user.agent), arguments)
        except ProtocolError as refusal:
            raise ToolFailed(refusal.detail) from refusal

    return run


SEND_MESSAGE = Tool(
    title="Write to another agent",
    summary="Sends a message to one agent of the run, or to all.",
    permissions=("messages:send",),
    spec=ToolSpec(
        SEND,
        "Send a message to another agent of this run, or to all of them. It is there when that agent reads its messages.",
        arguments_of(
            ["content"],
            to={
                "type": "string",
                "maxLength": 120,
                "description": "The agent's name; without it everybody gets the message.",
            },
            content={"type": "string", "minLength": 1, "maxLength": LONGEST},
            priority={"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
        ),
    ),
    make=_send,
    effect="write",
    idempotent=True,
    limits=Limits(calls=200),
)
READ_MESSAGES = Tool(
    title="Read messages",
    summary="Reads what other agents of the run wrote to this one, each message once.",
    permissions=("messages:read",),
    spec=ToolSpec(
        READ,
        "Read the messages that other agents of this run wrote to you and that you have not read yet, the most urgent first.",
        arguments_of([], most={"type": "integer", "minimum": 1, "maximum": AT_ONCE, "default": AT_ONCE}),
        brings_in=True,
    ),
    make=_read,
    effect="write",
    idempotent=True,
    limits=Limits(calls=200),
)

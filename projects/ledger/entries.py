"""What a worker writes into the ledger, as data, before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, Self
from uuid import UUID

from projects.events import Line
from projects.models import AgentRun, Effect
from tenants.ids import uuid7

LONGEST_MODEL = 120  # characters that are kept of what a model calls itself


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and dollars of one model call."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A finished task, as it is checkpointed. `seconds` of wall clock; `note` is shown beside the agent's work."""

    task: str
    position: int
    agent: str
    output: str
    output_json: Any = None
    note: str = ""
    limited: bool = False
    edited: bool = False
    outside: str = ""
    spent: Spent = Spent()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer to the call `key`, with what was asked (`request_hash` names it) and what it took."""

    key: str
    task: str
    agent: str
    request_hash: str
    request: Mapping[str, Any]
    reply: Mapping[str, Any]
    provider: str
    model: str
    spent: Spent = Spent()
    seconds: float = 0.0
    cache_layer: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a tool. `arguments_hash` tells whether it is the same use when the run goes on."""

    key: str
    task: str
    agent: str
    tool: str
    arguments: Mapping[str, Any]
    arguments_hash: str


class Alongside(Protocol):
    """What must be stored in the same commit as an entry, such as the settling of a reservation.

    Everything of one class that is pending in a workspace is stored by one call, inside the transaction.
    """

    @classmethod
    def store(cls, entries: Sequence[Self], /) -> None: ...


@dataclass(slots=True)
class Work:
    """An agent's work on a task, as the worker knows it: what is stored is always the whole of it."""

    id: UUID
    task: str
    agent: str
    position: int
    attempt: int
    started_at: datetime
    status: AgentRun.Status = AgentRun.Status.RUNNING
    spent: Spent = Spent()
    note: str = ""
    finished_at: datetime | None = None


@dataclass(slots=True)
class Tool:
    """A use of a tool and what became of it."""

    id: UUID
    use: Use
    state: Effect.State
    answer: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message between agents of the run, as it went over the bus. Told again under the same id, it changes state and note."""

    sender: str
    content: Any
    recipient: str = ""
    topic: str = ""
    kind: str = "direct"
    priority: int = 5
    correlation_id: UUID | None = None
    state: str = "sent"
    note: str = ""
    id: UUID = field(default_factory=uuid7)


Waiter = Callable[[Exception | None], None]


@dataclass(slots=True)
class Batch:
    """What one run has to store, in one go. `run` holds the columns of the run that changed."""

    lines: list[Line] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    calls: dict[str, Answered] = field(default_factory=dict)
    tools: dict[str, Tool] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    messages: list[tuple[datetime, Message]] = field(default_factory=list)
    alongside: list[Alongside] = field(default_factory=list)
    waiters: list[Waiter] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store; somebody may still wait to hear just that."""
        return not (
            self.lines
            or self.run
            or self.works
            or self.calls
            or self.tools
            or self.steps
            or self.messages
            or self.alongside
        )

    def before(self, later: Batch) -> Batch:
        """This batch, which could not be stored, and then what came after it."""
        return Batch(
            lines=self.lines + later.lines,
            run=self.run | later.run,
            works=self.works | later.works,
            calls=self.calls | later.calls,
            tools=self.tools | later.tools,
            steps=self.steps + later.steps,
            messages=self.messages + later.messages,
            alongside=self.alongside + later.alongside,
            waiters=self.waiters + later.waiters,
        )

    def tell(self, failure: Exception | None) -> None:
        for waiter in self.waiters:
            waiter(failure)

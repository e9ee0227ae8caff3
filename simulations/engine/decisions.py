"""What is asked of whoever decides, what they answer, and the ports behind which models, stores and people stand.

A decision is a distribution over actions for one distinct situation; each agent in that situation draws from it with a
number of its own. So one answer serves a thousand agents, and they still differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.engine.randomness import Ints

Word = float | str | bool
Observation = Mapping[str, Word]
Source = Literal["rule", "cache", "llm", "crew", "human", "fallback", "replay"]
FailureKind = Literal["timeout", "rate_limited", "malformed", "refused", "unavailable", "over_budget"]
AfterCap = Literal["rules", "pause", "stop"]
Purpose = Literal["decide", "repair"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be done, with its arguments; `weight` is its probability."""

    action: str
    args: Mapping[str, Word] = field(default_factory=dict)
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said to a model (or a person) and what came back, word for word."""

    prompt: str
    answer: str
    model: str


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """One distinct situation, in which `count` agents are; `row` is the first of them.

    `key` (16 bytes, see `simulations.engine.keys`) stands for all that an answer may depend on. `salience` is from 0 to
    1; `messages` are what was said to the agent since it was last asked.
    """

    key: bytes
    archetype: str
    row: int
    count: int
    observation: Observation
    legal: tuple[str, ...]
    step: int = 0
    time: float = 0.0
    stage: str = ""
    salience: float = 0.0
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A distribution over actions (weights sum to 1), who chose it and what that cost (US dollars, seconds).

    `calls`, tokens and cost are those paid for this decision: nothing where it came from a cache or a log. A `lasting`
    decision holds for its key from this step on; any other only in its own step.

    `reason` begins with the cause of a fallback and a colon (`timeout: …`, see `cause`); elsewhere it is why the one who
    decided did so, in their own words.
    """

    options: tuple[Option, ...]
    source: Source
    key: bytes = b""
    reason: str = ""
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = ZERO
    seconds: float = 0.0
    lasting: bool = False
    exchange: Exchange | None = None

    @property
    def cause(self) -> str:
        """One word for why a fallback was used; empty for any other decision."""
        return self.reason.partition(":")[0] if self.source == "fallback" else ""


class DecisionPolicy(Protocol):
    """A way of deciding. An agent has one; it is not one.

    `individual` policies are asked for each agent: their keys hold the agent and the step. `fingerprint` is what of the
    policy itself belongs into a key: its prompt, schema, model, temperature.
    """

    @property
    def name(self) -> str: ...

    @property
    def individual(self) -> bool: ...

    @property
    def fingerprint(self) -> bytes: ...

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """One decision for each request, in the same order. Raises PlayInterrupted."""
        ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What each of n agents does: codes into `actions`, and for each (action, argument) a column of n values.

    Only the values of those who chose that action count.
    """

    actions: tuple[str, ...]
    codes: Ints
    args: Mapping[tuple[str, str], NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a model that must answer with JSON of `schema`; `model` empty means the workspace's own choice."""

    system: str
    prompt: str
    schema: Mapping[str, Any]
    model: str = ""
    temperature: float = 0.0
    purpose: Purpose = "decide"


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model said: `text` word for word, `value` decoded. Cost in US dollars."""

    value: Any
    text: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = ZERO
    seconds: float = 0.0


class ModelFailed(Exception):
    """No answer to use. `detail` is a sentence for a person; `said` is what was answered where it was no JSON.

    What a failed call had to be paid for is in `prompt_tokens`, `completion_tokens` and `cost`.
    """

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        *,
        said: str = "",
        retry_after: float | None = None,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        cost: Decimal = ZERO,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.said = said
        self.retry_after = retry_after
        self.prompt_tokens, self.completion_tokens, self.cost = prompt_tokens, completion_tokens, cost


class ModelPort(Protocol):
    """The way to models."""

    async def ask(self, question: Question) -> ModelAnswer:
        """An answer, decoded but not yet held against what is legal. Raises ModelFailed."""
        ...


@runtime_checkable
class Acquainted(Protocol):
    """A port that knows whether the other side answered somebody within the last minute, and has not failed since."""

    @property
    def answered_lately(self) -> bool: ...


class DecisionStore(Protocol):
    """Answers that were paid for, by key. They are stored before they are applied, so that a crash never pays twice."""

    async def get_many(self, keys: Sequence[bytes]) -> Mapping[bytes, Decision]:
        """Those that are known, in one look-up."""
        ...

    async def put_many(self, decisions: Sequence[Decision]) -> None:
        """Keep them; on return they survive a crash."""
        ...


class SeatPort(Protocol):
    """The way to people who sit in an agent's place."""

    async def answers(self, requests: Sequence[DecisionRequest]) -> Mapping[bytes, Decision]:
        """What people have answered so far, by key; all other requests stand before them from now on."""
        ...

    def seconds_waited(self, key: bytes) -> float:
        """How long this question has stood before a person, over all interruptions of the play."""
        ...


class CrewPort(Protocol):
    """The way to a crew of agents that talks a situation over."""

    async def deliberate(self, question: CrewQuestion) -> ModelAnswer:
        """What they came to, as JSON of the question's schema. Raises ModelFailed."""
        ...


@dataclass(frozen=True, slots=True)
class CrewMember:
    """Who sits in the crew."""

    role: str
    goal: str
    backstory: str


@dataclass(frozen=True, slots=True)
class CrewQuestion:
    """A task for a crew; `situation` is the text that the agents read."""

    members: tuple[CrewMember, ...]
    task: str
    situation: str
    schema: Mapping[str, Any]
    model: str = ""

"""The closed set of effects: all that an action, or a step, can do to the world.

Expressions in the effects of an action see, where names are equal the earlier: its arguments, slots and derived values (the agent's
own; with `on`, those of the agent that is changed, and the acting one's under `self.`), `partner.x`, globals, pools, markets, the
metrics of the step before, parameters, `id`, `x`, `y`, `stage`, `step` and `time`. They may draw. All effects of one action see the
state as it was before the action. Every effect may have `when`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, Tag

from agents.protocol.messages import HIGHEST, LOWEST, NORMAL
from simulations.engine.spec.base import Condition, Formula, Key, Part
from simulations.engine.spec.tagged import by_name

Target = Annotated[str, StringConstraints(pattern=r"^((global|pool)\.)?[a-z][a-z0-9_]{0,49}$")]
Whom = Annotated[str, Field(min_length=1, max_length=600)]


class Conditional(Part):
    """What every effect has. `kind` is the name by which it is told apart."""

    kind: ClassVar[str]
    when: Condition | None = None


class Set(Conditional):
    """Give a slot a value. `on`: `self`, `partner`, or a crowd (`neighbors where …`). The target is a slot, `global.<name>` or
    `pool.<name>`; what goes beyond the slot's min and max is brought back to them.
    """

    kind: ClassVar[str] = "set"
    set: Target
    to: Formula
    on: Whom = "self"


class Add(Conditional):
    """Add to a number, or take away with a negative one; kept within the slot's min and max. Several agents' additions add up."""

    kind: ClassVar[str] = "add"
    add: Target
    value: Formula
    on: Whom = "self"


class MoveTo(Conditional):
    """Go somewhere: an empty place, a neighbouring one, [column, row] or [x, y], or beside the partner."""

    kind: ClassVar[str] = "move_to"
    move_to: Literal["random_empty", "random_neighbor", "partner"] | tuple[Formula, Formula]


class Transfer(Conditional):
    """`amount` of a slot from oneself to the partner, a negative one the other way; never more than the giver has above min or 0."""

    kind: ClassVar[str] = "transfer"
    transfer: Key
    amount: Formula
    to: Literal["partner"] = "partner"


class Send(Part):
    """A message; `text` may name slots, arguments and observations in {braces}. It goes `to` somebody, or on a `topic` to whoever listens.

    What is of a higher `priority` is read first. Read in its own step or within `lives` steps after it, else it is gone; null: it waits.
    """

    to: Literal["partner", "neighbors", "all"] | None = None
    topic: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    priority: Annotated[int, Field(ge=LOWEST, le=HIGHEST)] = NORMAL
    lives: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class SendEffect(Conditional):
    kind: ClassVar[str] = "send"
    send: Send


class Create(Part):
    """A new agent: its slots by `init`, or as given here by expressions of the agent that makes it; beside it, if it has a place."""

    archetype: Key
    state: dict[Key, Formula] = Field(default_factory=dict)


class CreateEffect(Conditional):
    kind: ClassVar[str] = "create"
    create: Create


class RemoveEffect(Conditional):
    """The agent leaves for good, after its other effects."""

    kind: ClassVar[str] = "remove"
    remove: Literal[True]


class Trade(Part):
    """An order for one unit in a market. It stays open until it is met or the agent orders again.

    When two orders meet at a price (that of the one which was there first), the buyer's `cash` slot falls by it and its `stock` slot
    rises by one; the seller's the other way round. Either may be left out.
    """

    market: Key
    side: Literal["buy", "sell"]
    price: Formula
    cash: Key | None = None
    stock: Key | None = None


class TradeEffect(Conditional):
    kind: ClassVar[str] = "trade"
    trade: Trade


class Take(Part):
    """`amount` from a pool into a slot; where more is asked for than is there, the action's `resolve` says who gets what."""

    pool: Key
    amount: Formula
    into: Key


class TakeEffect(Conditional):
    kind: ClassVar[str] = "take"
    take: Take


class Link(Part):
    """With the partner, or with an agent drawn at random."""

    to: Literal["partner", "random"]


class LinkEffect(Conditional):
    kind: ClassVar[str] = "link"
    link: Link


class UnlinkEffect(Conditional):
    kind: ClassVar[str] = "unlink"
    unlink: Link


EFFECTS: tuple[type[Conditional], ...] = (
    Set, Add, MoveTo, Transfer, SendEffect, CreateEffect, RemoveEffect, TradeEffect, TakeEffect, LinkEffect, UnlinkEffect,
)  # fmt: skip
EFFECT_NAMES = tuple(effect.kind for effect in EFFECTS)
Effect = Annotated[
    Annotated[Set, Tag("set")]
    | Annotated[Add, Tag("add")]
    | Annotated[MoveTo, Tag("move_to")]
    | Annotated[Transfer, Tag("transfer")]
    | Annotated[SendEffect, Tag("send")]
    | Annotated[CreateEffect, Tag("create")]
    | Annotated[RemoveEffect, Tag("remove")]
    | Annotated[TradeEffect, Tag("trade")]
    | Annotated[TakeEffect, Tag("take")]
    | Annotated[LinkEffect, Tag("link")]
    | Annotated[UnlinkEffect, Tag("unlink")],
    by_name(EFFECT_NAMES, "an effect"),
]

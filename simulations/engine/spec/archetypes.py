"""`archetypes:` the kinds of agents; `actions:` what they can do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from simulations.engine.spec.base import Condition, Formula, Key, Line, Part, Probability, Scalar
from simulations.engine.spec.crowds import AnyAggregate
from simulations.engine.spec.effects import Effect


class Choice(Part):
    """One of the enum's words, drawn with these weights (in the order of the words; they must not be negative nor all zero)."""

    choice: Annotated[tuple[Probability, ...], Field(min_length=1, max_length=50)]


class Slot(Part):
    """Something that an agent has. `enum` gives its words; else `type`. `init` may draw, and sees parameters, globals, `id`, `x`, `y`
    and the slots above it.

    Without `init`: the first word, 0, no, or empty text. `min`/`max` are kept whatever an effect sets. `history: k` keeps the last k
    values (at the ends of steps) for `lag` and `mean_of`. `label` and `labels` (of the words) are for people.
    """

    type: Literal["float", "int", "bool", "text"] | None = None
    enum: Annotated[tuple[Key, ...], Field(min_length=2, max_length=50)] | None = None
    init: Formula | Choice | None = None
    min: float | None = None
    max: float | None = None
    history: Annotated[int, Field(ge=1, le=100)] | None = None
    max_length: Annotated[int, Field(ge=1, le=20_000)] = 500
    label: Line | None = None
    labels: Annotated[tuple[Line, ...], Field(max_length=50)] = ()


class Listening(Part):
    """What of public messages agents hear: `topics` are patterns (`market.*` for one word, `market.#` for any number), `where` a condition.

    `where` looks at `content` (the words), `sender`, `topic`, `priority`: `{field: content, contains: price}`, joined by `all`, `any`, `none`.
    With topics it narrows them; alone it takes whatever fits, of all topics and of what is said to all. `broadcasts: false`: nothing that is
    said to all or to neighbors.
    """

    topics: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    where: dict[str, Any] | None = None
    broadcasts: bool = True


class Mailbox(Part):
    """How many messages wait for an agent at most; then the oldest of the least urgent is dropped, or new ones are refused."""

    capacity: Annotated[int, Field(ge=1, le=1_000)] = 50
    overflow: Literal["drop_oldest", "refuse"] = "drop_oldest"


class Archetype(Part):
    """`count` agents of one kind, numbered on (`id`) through all archetypes in their order.

    `place`: `random` places with room, `all` (one on each place, from the first), [column, row] or [x, y] by expressions, or `none`.
    Null is `random` where there is a space. `partner`: whom each meets in a step, drawn anew: `all`, `neighbors`, or an archetype.
    `listens` says which public messages they hear, `inbox` how many wait. `derived` is worked out for all before anybody observes, from the top; each sees the slots, those above it, `partner.x`, and what
    observations see.
    """

    count: Formula
    label: Line | None = None
    place: Literal["random", "all", "none"] | tuple[Formula, Formula] | None = None
    stage: Key | None = None
    partner: Key | None = None
    state: Annotated[dict[Key, Slot], Field(max_length=100)] = Field(default_factory=dict)
    derived: Annotated[dict[Key, Formula | AnyAggregate], Field(max_length=100)] = Field(default_factory=dict)
    listens: Listening = Listening()
    inbox: Mailbox = Mailbox()


class Argument(Part):
    """A number, yes/no or word that comes with an action; outside `min` … `max` it is refused from a model and brought back from a rule."""

    type: Literal["int", "float", "bool", "choice", "text"] = "float"
    min: float | None = None
    max: float | None = None
    choices: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    max_length: Annotated[int, Field(ge=1, le=2_000)] = 500
    default: Scalar | None = None
    label: Line | None = None


class Action(Part):
    """`effect` is done in full or, where `legal_when` (of own slots, derived values, `space.empty`, globals, parameters, time) says no, not
    at all. `archetypes`: who can do it, empty for all.

    `resolve`: who gets what only some can have (one cell, a pool that is too small): `priority` the highest draw, `auction` the highest
    `bid`, `ration` all of them in proportion.
    """

    label: Line | None = None
    args: Annotated[dict[Key, Argument], Field(max_length=10)] = Field(default_factory=dict)
    effect: Annotated[tuple[Effect, ...], Field(max_length=30)] = ()
    legal_when: Condition | None = None
    archetypes: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    resolve: Literal["priority", "auction", "ration"] = "priority"
    bid: Formula | None = None

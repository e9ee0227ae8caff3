"""What a conversation is, as data: a situation, who takes part, what is to be reached. Knows nothing of Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

MOST_ROLES, MOST_GOALS, MOST_TURNS = 6, 12, 100
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000)]


class ChatInvalid(ValueError):
    """A conversation that cannot be held: `faults` are (path, sentence) pairs, all of them."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(" ".join(f"{path}: {sentence}" for path, sentence in faults))
        self.faults = faults


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(_Part):
    """Somebody whom an agent plays. `llm` empty means the workspace's default model."""

    title: Line
    role: Line
    goal: Line
    backstory: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)] = ""
    llm: Annotated[str, StringConstraints(max_length=120)] = ""


class Opening(_Part):
    """What is said before the person says anything."""

    by: Key
    text: Prose


class ChatSpec(_Part):
    """A conversation. `you` is who the person is; `speaks` names the roles that answer each turn, in that order.

    `turns` bounds how often the person may speak; `goals` are looked at in the results.
    """

    family: Literal["chat"]
    you: Line
    situation: Prose
    opening: Opening | None = None
    roles: Annotated[dict[Key, Role], Field(min_length=1, max_length=MOST_ROLES)]
    speaks: Annotated[tuple[Key, ...], Field(max_length=MOST_ROLES)] = ()
    goals: Annotated[tuple[Line, ...], Field(max_length=MOST_GOALS)] = ()
    turns: Annotated[int, Field(ge=1, le=MOST_TURNS)] = 12
    look_at: Annotated[str, StringConstraints(max_length=8_000)] = ""
    source: Annotated[str, StringConstraints(max_length=500)] = ""

    @model_validator(mode="after")
    def _names_are_roles(self) -> Self:
        named = (*self.speaks, *((self.opening.by,) if self.opening else ()))
        if unknown := sorted(set(named) - set(self.roles)):
            raise ValueError(f"There is no role {unknown[0]!r}; there are: {', '.join(self.roles)}.")
        return self

    @property
    def speakers(self) -> tuple[str, ...]:
        """The roles that answer, everybody where the author named none."""
        return self.speaks or tuple(self.roles)


def read_chat(data: Mapping[str, Any]) -> ChatSpec:
    """The conversation in a manifest's `spec`; raises ChatInvalid with every fault."""
    try:
        return ChatSpec.model_validate(data)
    except ValidationError as refusal:
        faults = tuple((_path(fault["loc"]), _sentence(fault["msg"])) for fault in refusal.errors())
        raise ChatInvalid(faults) from None


def _path(places: tuple[int | str, ...]) -> str:
    return ".".join(("spec", *map(str, places)))


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".") + "."

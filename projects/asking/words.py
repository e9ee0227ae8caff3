"""What is asked and what is answered, between the worker, the rows and the doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Kind = Literal["review", "approval", "input", "budget"]
Action = Literal["approve", "edit", "feedback", "reject", "value"]

ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "review": ("approve", "edit", "feedback", "reject"),
    "approval": ("approve", "edit", "feedback", "reject"),
    "input": ("value", "reject"),
    "budget": ("approve", "reject"),
}
"""What may be answered to each kind of question."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of a run. `key` names it inside the run; the same key is the same question, also after a crash.

    `details` are shown to the person; these names in it are understood: `seconds` (how long it stays open), `at_deadline`
    (`fail`, `approve`, `default`), `default` (the answer then: a text, or `{"action", "text", "data"}`).
    """

    key: str
    kind: Kind
    text: str
    task: str = ""
    agent: str = ""
    draft: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided.

    review: approve · edit (`text`, or `data` where the task has a schema) · feedback (`text`) · reject.
    approval: approve · edit (`data`: the tool's arguments as they should be) · feedback or reject (`text` tells the agent why).
    input: value (`data`: name → text; `text` alone where one value is asked for) · reject.
    budget: approve (`data`: the new limits) · reject.
    """

    action: Action
    text: str = ""
    data: Any = None

    def to_json(self) -> dict[str, Any]:
        return {"action": self.action, "text": self.text, "data": self.data}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(kept["action"], kept.get("text", ""), kept.get("data"))

"""What a reviewer says, before it is a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from marketplace.moderation.models import Decision, Policy, ReasonCode

Action = Decision.Action


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where to look: a place in the manifest or an address, the words that stand there, and what is wrong with them."""

    path: str = ""
    quote: str = ""
    note: str = ""

    def as_row(self) -> dict[str, str]:
        return {"path": self.path.strip(), "quote": self.quote, "note": self.note.strip()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An action and its grounds. `reasoning` is read by the author, `private_note` by the platform's people alone.

    With a `delay` it is carried out later, and looked at again then. `severity` is of a pull; `digest` is of the content that
    was on the reviewer's screen, so that nobody approves what they have not seen.
    """

    action: Action
    reason_codes: tuple[ReasonCode, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    policy: Policy | None = None
    reasoning: str = ""
    private_note: str = ""
    delay: timedelta = field(default_factory=timedelta)
    severity: Literal["", "soft", "hard"] = ""
    digest: str = ""

    @property
    def is_adverse(self) -> bool:
        return self.action in Decision.ADVERSE

    @property
    def how_hard(self) -> str:
        return (self.severity or "hard") if self.action == Action.PULL else ""

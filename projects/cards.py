"""One card per task of a run: what was asked, looked up, called, answered, and what a reader should know besides."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from projects.models import AgentRun, RunEvent

TOLD = (
    "agent.task",
    "model.call",
    "permission.violation",
    "router.decided",
    "run.output",
    "tool.answer",
    "tool.call",
)
SEARCH = "search_knowledge"


@dataclass(slots=True)
class Call:
    """One use of a tool; `asked` is in words."""

    number: int
    title: str
    asked: str = ""
    answer: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that was sent back, and why; `text` is empty where only the answer that passed is kept."""

    number: int
    text: str
    why: str


@dataclass(slots=True)
class Card:
    """One task of the run, as it stands. `waits_for` is who may answer what it asks, where one was named."""

    name: str
    number: int
    title: str
    brief: str
    agent: str
    state: str
    waits_for: str = ""
    work: AgentRun | None = None
    text: str = ""
    output: SafeString | None = None
    is_result: bool = False
    calls: list[Call] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def waits(self) -> str:
        return f"Waiting for {self.waits_for}" if self.waits_for else ""

    @property
    def tokens(self) -> int:
        return self.work.prompt_tokens + self.work.completion_tokens if self.work else 0

    @property
    def seconds(self) -> float | None:
        if self.work is None or self.work.finished_at is None:
            return None
        return (self.work.finished_at - self.work.started_at).total_seconds()


def spoken(name: str) -> str:
    """`write_brief` as `Write brief`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def pretty(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def tell(cards: list[Card], events: Iterable[RunEvent]) -> None:
    """Write events into the cards of their tasks, in order."""
    by_task = {card.name: card for card in cards}
    calls: dict[str, dict[str, Call]] = defaultdict(dict)
    for event in events:
        if event.type == "router.decided":
            _routed(by_task, event.data)
            continue
        card = by_task.get(str(event.data.get("task", "")))
        if card is not None and _is_current(card, event.created_at):
            _add(card, event, calls[card.name])


def _is_current(card: Card, moment: datetime) -> bool:
    """Whether it belongs to the attempt that counts, not to one that died with its worker."""
    return card.work is None or moment >= card.work.started_at


def _add(card: Card, event: RunEvent, calls: dict[str, Call]) -> None:
    data = event.data
    if event.type == "run.output":
        _hear(card, data)
    elif event.type == "tool.call":
        calls[str(data.get("call"))] = _called(card, data)
    elif event.type == "tool.answer":
        call = calls.get(str(data.get("call"))) or _called(card, data)
        call.answer, call.failed = str(data.get("output", "")), bool(data.get("failed"))
    elif event.type == "agent.task" and data.get("status") == "guardrail_failed":
        _send_back(card, str(data.get("feedback", "")))
    elif note := _note(event.type, data):
        card.notes.append(note)
    elif event.type == "model.call":
        _end_paragraph(card)


def _hear(card: Card, data: Mapping[str, Any]) -> None:
    """Text as it came; where an attempt broke off, what had come of it is void."""
    if data.get("restart"):
        card.text = card.text[: max(0, len(card.text) - int(data.get("dropped", 0)))]
    card.text += str(data.get("text", ""))


def _send_back(card: Card, why: str) -> None:
    card.drafts.append(Draft(len(card.drafts) + 1, card.text.strip(), why))
    card.text = ""


def _end_paragraph(card: Card) -> None:
    card.text = f"{card.text.rstrip()}\n\n" if card.text.strip() else ""


def _routed(cards: Mapping[str, Card], data: Mapping[str, Any]) -> None:
    """The router's reason stands at the task that it chose, once, also where a run went on."""
    card, reason = cards.get(str(data.get("next", ""))), f"The router chose it: {data.get('reason', '')}"
    if card is not None and reason not in card.notes:
        card.notes.append(reason)


def _called(card: Card, data: Mapping[str, Any]) -> Call:
    """A new call at the end of the card; text that comes after it starts a paragraph."""
    call = Call(len(card.calls) + 1, *_asked(str(data.get("tool", "")), data.get("arguments")))
    card.calls.append(call)
    _end_paragraph(card)
    return call


def _asked(tool: str, arguments: Any) -> tuple[str, str]:
    """What was done, and with what: one argument speaks for itself, several are shown as they were sent."""
    if isinstance(arguments, str):
        arguments = _parsed(arguments)
    if isinstance(arguments, dict) and tool == SEARCH:
        return f"Searched the documents for “{arguments.get('query', '')}”", ""
    title = f"Used {spoken(tool).lower()}"
    if isinstance(arguments, dict) and len(arguments) == 1:
        return f"{title}: {next(iter(arguments.values()))}", ""
    return title, pretty(arguments) if arguments else ""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _note(kind: str, data: Mapping[str, Any]) -> str:
    """What a reader should know besides: cut off, claimed, skipped, stopped, a model call that failed."""
    if kind == "agent.task":
        status = str(data.get("status", ""))
        return str(data.get("text", "")) if status == "note" else _OF_TASK.get(status, "")
    if kind == "permission.violation":
        return f"Stopped at what it may not: {data.get('detail', '')}"
    if kind == "model.call" and data.get("failed"):
        return f"A model call failed. {data.get('detail') or data.get('error') or ''}".strip()
    return ""


_OF_TASK: Mapping[str, str] = {
    "limited": "Cut off: it had used up its steps and had to answer at once.",
    "skipped": "It was skipped: its condition does not hold.",
}

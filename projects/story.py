"""A run as a story: one card per task, with what its agent wrote, looked up and called."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from projects import citing
from projects.models import AgentRun, Question, Run, RunEvent, StepOutput
from projects.rendering import Look, render_markdown

MOST_EVENTS = 5_000
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
WAITING, NOT_REACHED = "waiting", "not_reached"


@dataclass(slots=True)
class Call:
    """One use of a tool; `asked` is in words."""

    number: int
    title: str
    asked: str = ""
    answer: str = ""
    failed: bool = False


@dataclass(slots=True)
class Card:
    """One task of the run, as it stands."""

    name: str
    number: int
    title: str
    brief: str
    agent: str
    state: str
    work: AgentRun | None = None
    text: str = ""
    output: SafeString | None = None
    is_result: bool = False
    calls: list[Call] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return self.work.prompt_tokens + self.work.completion_tokens if self.work else 0

    @property
    def seconds(self) -> float | None:
        if self.work is None or self.work.finished_at is None:
            return None
        return (self.work.finished_at - self.work.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything up to event number `seq`."""

    run: Run
    seq: int
    cards: list[Card]
    output: SafeString | None
    data: str
    questions: list[Question] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(card.state == AgentRun.Status.SUCCEEDED for card in self.cards)

    @property
    def seconds(self) -> float | None:
        if self.run.started_at is None:
            return None
        return ((self.run.finished_at or timezone.now()) - self.run.started_at).total_seconds()

    @property
    def sentence(self) -> str:
        """The state in one sentence, for those who listen."""
        now = [card for card in self.cards if card.state == AgentRun.Status.RUNNING]
        if self.run.status != Run.Status.RUNNING or not now:
            return f"The run: {self.run.get_status_display().lower()}."
        return f"Task {now[-1].number} of {len(self.cards)}, {now[-1].title}: {now[-1].agent} is at work."


def story_of(run: Run, *, links: bool = True) -> Story:
    """The story up to `run.last_seq`, so that what is streamed later is neither doubled nor lost.

    Without `links` citations say whether they hold, but do not lead into the workspace.
    """
    works = {work.task: work for work in run.agent_runs.order_by("attempt")}
    steps = {step.task: step for step in run.steps.all()}
    events = run.events.filter(seq__lte=run.last_seq, type__in=TOLD).exclude(type="run.output", data__task__in=[*steps])
    cards = [_card(run, n, task, works.get(task["name"]), steps.get(task["name"])) for n, task in _tasks(run)]
    _tell(cards, events.order_by("seq")[:MOST_EVENTS])
    for card in cards:
        step = steps.get(card.name)
        card.output = _shown(run, step.output, links=links) if step else None
        card.is_result = step is not None and run.has_ended and step.output == run.output
        card.notes += _origin(step) if step else []
    output = _shown(run, run.output, links=links) if run.output else None
    data = "" if run.output_json is None else _pretty(run.output_json)
    return Story(run, run.last_seq, cards, output, data, [*run.questions.filter(status=Question.Status.OPEN)])


def _tasks(run: Run) -> Iterable[tuple[int, Mapping[str, Any]]]:
    return enumerate((task for task in run.snapshot.get("tasks", ()) if task.get("name")), start=1)


def _card(run: Run, number: int, task: Mapping[str, Any], work: AgentRun | None, step: StepOutput | None) -> Card:
    name = str(task["name"])
    doer = (work.agent if work else "") or str(task.get("agent") or "")
    return Card(
        name=name,
        number=number,
        title=spoken(name),
        brief=_filled(str(task.get("description", "")), run.inputs),
        agent=_roles(run).get(doer, spoken(doer)),
        state=_state(run, work, step),
        work=work,
    )


def _state(run: Run, work: AgentRun | None, step: StepOutput | None) -> str:
    if step is not None:
        return AgentRun.Status.SUCCEEDED
    if work is not None:
        return work.status
    return NOT_REACHED if run.has_ended else WAITING


def _roles(run: Run) -> dict[str, str]:
    return {
        str(agent.get("name")): _filled(str(agent.get("role", "")), run.inputs)
        for agent in run.snapshot.get("agents", ())
    }


def _filled(text: str, inputs: Mapping[str, Any]) -> str:
    for name, value in inputs.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text.strip()


def spoken(name: str) -> str:
    """`write_brief` as `Write brief`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _shown(run: Run, text: str, *, links: bool) -> SafeString:
    """Markdown with its citations marked; they are compared with the documents once the run is over."""
    look = citing.look_into(text) if run.has_ended else citing.unchecked
    return render_markdown(text, look=look if links else _unlinked(look))


def _unlinked(look: Look) -> Look:
    return lambda document, locator, number: replace(look(document, locator, number), url="")


def _pretty(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _tell(cards: list[Card], events: Iterable[RunEvent]) -> None:
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
        card.text += str(data.get("text", ""))
    elif event.type == "tool.call":
        calls[str(data.get("call"))] = _called(card, data)
    elif event.type == "tool.answer":
        call = calls.get(str(data.get("call"))) or _called(card, data)
        call.answer, call.failed = str(data.get("output", "")), bool(data.get("failed"))
    elif note := _note(event.type, data):
        card.notes.append(note)


def _routed(cards: Mapping[str, Card], data: Mapping[str, Any]) -> None:
    """The router's reason stands at the task that it chose, once, also where a run went on."""
    card, reason = cards.get(str(data.get("next", ""))), f"The router chose it: {data.get('reason', '')}"
    if card is not None and reason not in card.notes:
        card.notes.append(reason)


def _origin(step: StepOutput) -> list[str]:
    """What the output is, where its agent did not write it in this run."""
    told = ["It stands as a person wrote it."] if step.edited else []
    return [*told, "It was taken over from the run that this one goes off from."] if step.taken_over else told


def _called(card: Card, data: Mapping[str, Any]) -> Call:
    """A new call at the end of the card; text that comes after it starts a paragraph."""
    call = Call(len(card.calls) + 1, *_asked(str(data.get("tool", "")), data.get("arguments")))
    card.calls.append(call)
    card.text = f"{card.text.rstrip()}\n\n" if card.text.strip() else ""
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
    return title, _pretty(arguments) if arguments else ""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _note(kind: str, data: Mapping[str, Any]) -> str:
    """What a reader should know besides: cut off, checked and sent back, claimed, skipped, stopped, a model call that failed."""
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
    "guardrail_failed": "Its answer did not pass the check and was sent back.",
    "skipped": "It was skipped: its condition does not hold.",
}

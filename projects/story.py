"""A run as a story: one card per task, with what its agent wrote, looked up and called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from projects import citing
from projects.cards import TOLD, Card, pretty, spoken, tell
from projects.models import AgentRun, Question, Run, StepOutput
from projects.rendering import Look, render_markdown

MOST_EVENTS = 5_000
NOT_STARTED, NOT_REACHED = "not_started", "not_reached"


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

    Without `links` citations say whether they hold, but do not lead into the workspace; nor do its open questions.
    """
    works = {work.task: work for work in run.agent_runs.order_by("attempt")}
    steps = {step.task: step for step in run.steps.all()}
    events = run.events.filter(seq__lte=run.last_seq, type__in=TOLD).exclude(type="run.output", data__task__in=[*steps])
    cards = [_card(run, n, task, works.get(task["name"]), steps.get(task["name"])) for n, task in _tasks(run)]
    questions = [*run.questions.filter(status=Question.Status.OPEN)] if links else []
    tell(cards, events.order_by("seq")[:MOST_EVENTS])
    for card in cards:
        if step := steps.get(card.name):
            _finish(card, run, step, links=links)
        if card.state != AgentRun.Status.RUNNING:
            card.text = card.text.strip()
        card.waits_for = next((each.assignee for each in questions if each.task == card.name), "")
    output = _shown(run, run.output, links=links) if run.output else None
    data = "" if run.output_json is None else pretty(run.output_json)
    return Story(run, run.last_seq, cards, output, data, questions)


def _finish(card: Card, run: Run, step: StepOutput, *, links: bool) -> None:
    """What came of a task that has ended."""
    card.output = _shown(run, step.output, links=links)
    card.is_result = run.has_ended and step.output == run.output
    card.notes += _origin(step)


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
    """A task that was begun rests as long as its run does: for a person, or in the queue."""
    if step is not None:
        return AgentRun.Status.SUCCEEDED
    if work is None:
        return NOT_REACHED if run.has_ended else NOT_STARTED
    is_under_way = work.status in (AgentRun.Status.RUNNING, AgentRun.Status.INTERRUPTED)
    return run.status if is_under_way and run.status in (Run.Status.WAITING, Run.Status.QUEUED) else work.status


def _roles(run: Run) -> dict[str, str]:
    return {
        str(agent.get("name")): _filled(str(agent.get("role", "")), run.inputs)
        for agent in run.snapshot.get("agents", ())
    }


def _filled(text: str, inputs: Mapping[str, Any]) -> str:
    for name, value in inputs.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text.strip()


def _shown(run: Run, text: str, *, links: bool) -> SafeString:
    """Markdown with its citations marked; they are compared with the documents once the run is over."""
    look = citing.look_into(text) if run.has_ended else citing.unchecked
    return render_markdown(text, look=look if links else _unlinked(look))


def _unlinked(look: Look) -> Look:
    return lambda document, locator, number: replace(look(document, locator, number), url="")


def _origin(step: StepOutput) -> list[str]:
    """What the output is, where its agent did not write it in this run."""
    told = ["It stands as a person wrote it."] if step.edited else []
    return [*told, "It was taken over from the run that this one goes off from."] if step.taken_over else told

"""What stands out in a play: decisions that were not the rule's, acts from outside, notes. Marks on its scrubber, lines of its log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from simulations.models import Bookmark, Intervention, Simulation

MOST = 200
_ASKED = ("llm", "crew", "human", "fallback")
_WORDS = {
    "llm": "A model was asked about {n}",
    "crew": "A crew talked about {n}",
    "human": "A person decided {n}",
    "fallback": "The rule stood in for {n}",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """`kind`: decision or intervention; `by` whoever did it, empty for a play's own decisions."""

    step: int
    kind: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Happenings:
    events: list[Happening]
    notes: list[Bookmark]


def happenings_of(simulation: Simulation) -> Happenings:
    """The newest 200 of each kind, in the order of their steps."""
    events = sorted([*_decisions(simulation), *_acts(simulation)], key=lambda each: each.step)
    return Happenings(events, list(simulation.bookmarks.all()[:MOST]))


def _decisions(simulation: Simulation) -> Iterator[Happening]:
    asked = simulation.decision_log.filter(source__in=_ASKED).order_by("-step", "source")
    for each in asked.values("step", "source").annotate(n=Count("id"))[:MOST]:
        many = f"{each['n']} situation{'' if each['n'] == 1 else 's'}"
        yield Happening(each["step"], "decision", _WORDS[each["source"]].format(n=many))


def _acts(simulation: Simulation) -> Iterator[Happening]:
    for each in simulation.interventions.exclude(step=None).order_by("-number")[:MOST]:
        yield Happening(each.step or 0, "intervention", _act_in_words(each), each.by)


def _act_in_words(act: Intervention) -> str:
    """An act as its log says it."""
    if act.kind == Intervention.Kind.MESSAGE:
        return f"To agent {act.target}: {act.value}"
    if act.kind == Intervention.Kind.SEAT:
        if isinstance(act.value, dict):
            return f"Agent {act.target}: {act.value.get('action', '')}"
        return f"Agent {act.target}: a person {'sat down' if act.value else 'got up'}"
    return f"{act.target.replace('_', ' ').capitalize()} became {act.value}"

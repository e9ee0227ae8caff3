"""A scenario and its play as pages say them: numbers in words, charts, parameters, questions to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.engine.frames.hello import charts_of
from simulations.engine.spec import Action, ScenarioSpec
from simulations.engine.spec.base import in_words
from simulations.engine.spec.metrics import HistogramView
from simulations.interventions.waiting import Question

_SMALL = 10
SOURCES = {
    "rule": "rules",
    "cache": "answers known before",
    "llm": "a model",
    "crew": "a crew",
    "human": "people",
    "fallback": "the fallback",
    "replay": "the record",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric and its value in words."""

    name: str
    label: str
    unit: str
    help: str
    shown: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Metrics that share a chart; names and units as the page's script splits them."""

    metrics: tuple[Figure, ...]

    @property
    def names(self) -> str:
        return " ".join(each.name for each in self.metrics)

    @property
    def units(self) -> str:
        return " ".join(each.unit for each in self.metrics)


@dataclass(frozen=True, slots=True)
class Apart:
    """One metric of two plays."""

    name: str
    label: str
    unit: str
    mine: str
    theirs: str
    apart: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that a person may choose, with the arguments that it takes: (name, label)."""

    name: str
    label: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a form shows it."""

    agent: int
    who: str
    step: int
    seen: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]
    offers: tuple[Offer, ...]


def number_in_words(value: float | None, unit: str) -> str:
    """As the charts say it: shares in percent, counts whole, other numbers with as many digits as mean something."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.3f}".rstrip("0").rstrip(".") if abs(value) < _SMALL else f"{value:,.1f}"


def figures(spec: ScenarioSpec, metrics: Mapping[str, float]) -> list[Figure]:
    return [
        Figure(name, each.title(name), each.unit, each.help, number_in_words(metrics.get(name), each.unit))
        for name, each in spec.metrics.items()
    ]


def drawings(spec: ScenarioSpec, shown: Sequence[Figure]) -> list[Drawing]:
    by_name = {figure.name: figure for figure in shown}
    return [Drawing(tuple(by_name[name] for name in names if name in by_name)) for names in charts_of(spec)]


def histograms(spec: ScenarioSpec) -> list[dict[str, str]]:
    names = [view.histogram for view in spec.views if isinstance(view, HistogramView)]
    return [{"name": name, "label": slot_label(spec, name)} for name in names]


def from_hello(told: Mapping[str, Any], metrics: Mapping[str, float]) -> dict[str, Any]:
    """Figures, charts and histograms of a play whose scenario this release cannot read any more."""
    shown = [
        Figure(
            each["name"],
            each["label"],
            each["unit"],
            each["help"],
            number_in_words(metrics.get(each["name"]), each["unit"]),
        )
        for each in told["metrics"]
    ]
    by_name = {figure.name: figure for figure in shown}
    labels = {each["name"]: each["label"] for each in told["columns"]}
    return {
        "figures": shown,
        "charts": [Drawing(tuple(by_name[name] for name in names)) for names in told["charts"]],
        "histograms": [{"name": name, "label": labels[name]} for name in told["histograms"]],
        "summary": ", ".join(f"{each.label} {each.shown}" for each in shown),
    }


def slot_label(spec: ScenarioSpec, name: str) -> str:
    """What people call a slot or an observation."""
    slots = (each.state[name].label for each in spec.archetypes.values() if name in each.state)
    seen = (each[name].label for each in spec.observations.values() if name in each)
    return next(filter(None, (*slots, *seen)), "") or in_words(name)


def sentence(spec: ScenarioSpec, metrics: Mapping[str, float]) -> str:
    """The scenario's summary of a step; where it has none, all numbers."""
    shown = figures(spec, metrics)
    text = spec.summary or ", ".join(f"{each.label.lower()} {{{each.name}}}" for each in shown)
    for each in shown:
        text = text.replace(f"{{{each.name}}}", each.shown)
    return text


def settings_in_words(spec: ScenarioSpec, parameters: Mapping[str, Any], *, live: bool) -> list[tuple[str, Any]]:
    """Parameters with their labels, in the scenario's order: those that may change while it plays, or the others."""
    return [
        (each.label or in_words(name), parameters.get(name, each.default))
        for name, each in spec.parameters.items()
        if each.live == live
    ]


def differences(spec: ScenarioSpec, mine: Mapping[str, float], theirs: Mapping[str, float]) -> list[Apart]:
    return [
        Apart(
            name,
            each.title(name),
            each.unit,
            number_in_words(mine.get(name), each.unit),
            number_in_words(theirs.get(name), each.unit),
            _apart(mine.get(name), theirs.get(name), each.unit),
        )
        for name, each in spec.metrics.items()
    ]


def _apart(mine: float | None, theirs: float | None, unit: str) -> str:
    if mine is None or theirs is None:
        return "–"
    return f"{'+' if mine > theirs else ''}{number_in_words(mine - theirs, unit)}"


def shared_names(spec: ScenarioSpec) -> list[tuple[str, str]]:
    """What all agents share and an event may change."""
    return [(name, in_words(name)) for name in (*spec.environment.globals, *spec.environment.pools)]


def asked(spec: ScenarioSpec, questions: Sequence[Question]) -> Iterator[Asked]:
    for each in questions:
        archetype = spec.archetypes.get(each.archetype)
        label = (archetype.label if archetype else None) or in_words(each.archetype)
        seen = tuple((slot_label(spec, name), _said(value)) for name, value in each.observation.items())
        offers = tuple(_offer(name, spec.actions.get(name, Action())) for name in each.legal)
        yield Asked(each.agent, f"{label} {each.agent}", each.step, seen, tuple(each.messages), offers)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_in_words(float(value), "number") if isinstance(value, int | float) else str(value)


def _offer(name: str, action: Action) -> Offer:
    arguments = tuple((arg, each.label or in_words(arg)) for arg, each in action.args.items())
    return Offer(name, action.label or in_words(name), arguments)


def decided_by(decisions: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(source, in words, how many agents), for those who decided at least once, and rules always."""
    return [
        (name, words, decisions.get(name, 0))
        for name, words in SOURCES.items()
        if name == "rule" or decisions.get(name)
    ]

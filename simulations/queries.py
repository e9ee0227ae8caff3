"""What is read of simulations: their messages, their pictures, their numbers, and what was published about them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from simulations.engine.parameters import Value
from simulations.engine.scenario import Expectation
from simulations.models import Frame, Simulation
from simulations.recording import frame_data, message_of

MOST_FRAMES = 200
MOST_BYTES = 2_000_000


def messages_after(simulation_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """What a watcher missed, in order. Pages end early where pictures are large."""
    frames = Frame.objects.filter(simulation_id=UUID(simulation_id), seq__gt=after).order_by("seq")[:limit]
    return [message_of(frame) for frame in frames]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some pictures in order, and the step to ask for next (None: there are no more yet)."""

    frames: list[dict[str, Any]]
    next: int | None


def pictures(simulation: Simulation, *, start: int, end: int | None) -> Pictures:
    """Pictures from the keyframe at or before `start` up to `end`, at most 200 or about 2 MB at a time."""
    pictured = Frame.objects.filter(simulation=simulation).exclude(kind=Frame.Kind.STATUS)
    keyframes = pictured.filter(kind=Frame.Kind.KEYFRAME, step__lte=start)
    first = keyframes.aggregate(step=Max("step"))["step"] or 0
    wanted = pictured.filter(step__gte=first)
    if end is not None:
        wanted = wanted.filter(step__lte=end)
    chosen = _bounded(wanted.order_by("step")[: MOST_FRAMES + 1])
    more = len(chosen) > MOST_FRAMES or _size(chosen) > MOST_BYTES
    shown = chosen[:-1] if more and len(chosen) > 1 else chosen
    return Pictures([{"seq": frame.seq, **frame_data(frame)} for frame in shown], chosen[-1].step if more else None)


def _bounded(frames: QuerySet[Frame]) -> list[Frame]:
    """Frames up to and including the first that goes over the size."""
    chosen: list[Frame] = []
    size = 0
    for frame in frames.iterator(chunk_size=50):
        chosen.append(frame)
        size += _size([frame])
        if size > MOST_BYTES:
            break
    return chosen


def _size(frames: Sequence[Frame]) -> int:
    return sum(len(json.dumps(frame.payload)) for frame in frames)


def data_lines(simulation: Simulation) -> Iterator[str]:
    """The metrics and digest of every step, as CSV."""
    names = [metric.name for metric in simulation.definition.metrics]
    yield _line(["step", *names, "digest"])
    rows = Frame.objects.filter(simulation=simulation).exclude(kind=Frame.Kind.STATUS).order_by("step")
    for step, metrics, digest in rows.values_list("step", "metrics", "digest").iterator(chunk_size=500):
        yield _line([step, *(metrics.get(name, "") for name in names), digest])


def _line(values: list[Any]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measured value beside a published range."""

    expected: Expectation
    label: str
    unit: str
    measured: float | None

    @property
    def holds(self) -> bool:
        return self.measured is not None and self.expected.low <= self.measured <= self.expected.high


def comparisons(simulation: Simulation) -> list[Comparison]:
    """Published results for exactly these parameters, beside what came out. One play is not their mean: it may miss."""
    definition = simulation.definition
    labels = {metric.name: metric for metric in definition.metrics}
    defaults: dict[str, Value] = {parameter.name: parameter.default for parameter in definition.parameters}
    return [
        Comparison(
            expected,
            labels[expected.metric].label,
            labels[expected.metric].unit,
            simulation.metrics.get(expected.metric),
        )
        for expected in definition.expectations
        if simulation.parameters == {**defaults, **expected.when}
    ]

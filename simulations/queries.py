"""What is read of simulations: their messages, their pictures, their numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import UUID

from django.db.models import Max

from simulations.models import Frame, Hello, Simulation
from simulations.recording import frame_data, message_of
from tenants.errors import NotFound

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


def pictures(simulation: Simulation, *, start: int, end: int | None, most_bytes: int = MOST_BYTES) -> Pictures:
    """Pictures from the keyframe at or before `start` up to `end`; at most 200, or about 2 MB beyond `start`."""
    pictured = Frame.objects.filter(simulation=simulation).exclude(kind=Frame.Kind.STATUS)
    keyframes = pictured.filter(kind=Frame.Kind.KEYFRAME, step__lte=start)
    wanted = pictured.filter(step__gte=keyframes.aggregate(step=Max("step"))["step"] or 0)
    if end is not None:
        wanted = wanted.filter(step__lte=end)
    shown: list[dict[str, Any]] = []
    size = 0
    for frame in wanted.order_by("step")[: 2 * MOST_FRAMES].iterator(chunk_size=50):
        if frame.step > start and (size > most_bytes or len(shown) >= MOST_FRAMES):
            return Pictures(shown, frame.step)
        shown.append({"seq": frame.seq, **frame_data(frame)})
        size += len(frame.payload)
    return Pictures(shown, None)


def find_hello(simulation: Simulation) -> dict[str, Any] | None:
    """What a viewer is told once; None while no step is stored."""
    return Hello.objects.filter(simulation=simulation).values_list("content", flat=True).first()


def hello_of(simulation: Simulation) -> dict[str, Any]:
    """The same; raises NotFound while no step is stored."""
    found = find_hello(simulation)
    if found is None:
        raise NotFound("Nothing was played yet.")
    return found


def metrics_at(simulation: Simulation, step: int | None) -> tuple[int, dict[str, float]]:
    """The step and its metrics: the one that was asked for, if it is stored, else the newest."""
    if step is not None and step != simulation.step:
        pictured = Frame.objects.filter(simulation=simulation, step=step).exclude(kind=Frame.Kind.STATUS)
        found = pictured.values_list("metrics", flat=True).first()
        if found is not None:
            return step, found
    return simulation.step, simulation.metrics


def data_lines(simulation: Simulation, metrics: Sequence[str]) -> Iterator[str]:
    """These metrics and the digest of every step, as CSV."""
    yield _line(["step", *metrics, "digest"])
    rows = Frame.objects.filter(simulation=simulation).exclude(kind=Frame.Kind.STATUS).order_by("step")
    for step, values, digest in rows.values_list("step", "metrics", "digest").iterator(chunk_size=500):
        yield _line([step, *(values.get(name, "") for name in metrics), digest])


def _line(values: list[Any]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()

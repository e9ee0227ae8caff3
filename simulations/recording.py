"""Numbered messages of a simulation: stored in the caller's transaction, shown live after its commit."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from projects.realtime import Picture, publish_all
from simulations.interventions.waiting import shown
from simulations.models import Frame, Simulation

if TYPE_CHECKING:
    from simulations.engine import StepResult


class Entry(NamedTuple):
    """A message before it has a number."""

    kind: str
    step: int
    payload: bytes
    metrics: Mapping[str, float]
    digest: str


def picture(result: StepResult) -> Entry:
    if result.frame is None:
        raise ValueError("The engine took no picture of this step.")
    return Entry(result.frame.kind, result.step, result.frame.payload, result.metrics, result.digest)


def status(simulation: Simulation) -> Entry:
    payload = {
        "status": simulation.status,
        "reason": simulation.stop_reason,
        "detail": simulation.stop_detail,
        "until": simulation.until,
        "pace": simulation.pace,
        "waiting": shown(simulation.waiting),
        "decisions": simulation.decisions,
        "fallbacks": simulation.fallbacks,
        "refused": simulation.refused,
        "spent": {"calls": simulation.llm_calls, "tokens": simulation.tokens, "usd": float(simulation.cost)},
        "served_by": simulation.served_by,
    }
    return Entry(Frame.Kind.STATUS, simulation.step, _packed(payload), {}, "")


def _packed(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


def append(simulation: Simulation, entries: Sequence[Entry]) -> None:
    """Store entries with the next numbers. The caller holds the row's lock and saves `last_seq`."""
    first = simulation.last_seq + 1
    frames = [Frame(simulation=simulation, seq=first + n, **entry._asdict()) for n, entry in enumerate(entries)]
    Frame.objects.bulk_create(frames)
    simulation.last_seq += len(frames)
    transaction.on_commit(lambda: _publish(frames))


def _publish(frames: Sequence[Frame]) -> None:
    """Each message, and after it its picture as bytes: whoever is slow loses pictures only."""
    for frame in frames:
        message = message_of(frame)
        topic = message["topic"]
        pictures = [] if frame.kind == Frame.Kind.STATUS else [(topic, Picture(frame.seq, bytes(frame.payload)))]
        publish_all([(topic, message), *pictures])


def message_of(frame: Frame) -> dict[str, Any]:
    """A message as it goes over the WebSocket."""
    is_status = frame.kind == Frame.Kind.STATUS
    return {
        "type": "simulation.status" if is_status else "simulation.frame",
        "topic": f"simulation:{frame.simulation_id}",
        "seq": frame.seq,
        "timestamp": frame.created_at.isoformat(),
        "data": {"step": frame.step, **json.loads(bytes(frame.payload))} if is_status else step_data(frame),
    }


def step_data(frame: Frame) -> dict[str, Any]:
    """What is told of a step; its picture travels apart."""
    return {"step": frame.step, "kind": frame.kind, "metrics": frame.metrics, "digest": frame.digest}


def frame_data(frame: Frame) -> dict[str, Any]:
    """A step with its picture: `picture` is a binary frame (`simulations.engine.frames.wire`) in base64."""
    return {**step_data(frame), "picture": b64encode(bytes(frame.payload)).decode("ascii")}

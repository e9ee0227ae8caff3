"""What agents of a play said, written down with the steps: bounded, and it is known from which step on not everything is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db import connection

from agents.protocol.history import Record
from agents.protocol.steps.bus import AMONG
from agents.protocol.steps.names import member_of, moment_of
from simulations.engine.hybrid import StepResult
from simulations.models import PlayMessage, Simulation

MOST_KEPT = 20_000
LONGEST = 4_000
Place = tuple[int, int]

_COPY = """
INSERT INTO simulations_playmessage (simulation_id, step, number, sender, sender_agent, recipient, recipient_agent, topic, kind, content,
  priority, lives, heard, state, note, noted_at)
SELECT %(branch)s, step, number, sender, sender_agent, recipient, recipient_agent, topic, kind, content, priority, lives, heard,
  CASE WHEN noted_at > %(step)s THEN 'sent' ELSE state END, CASE WHEN noted_at > %(step)s THEN '' ELSE note END,
  CASE WHEN noted_at > %(step)s THEN NULL ELSE noted_at END
FROM simulations_playmessage WHERE simulation_id = %(parent)s AND step <= %(step)s ORDER BY step, number"""


def keep(simulation: Simulation, results: Sequence[StepResult]) -> None:
    """The caller holds the row's lock and saves `said_kept` and `said_cut_at`."""
    rows: dict[Place, PlayMessage] = {}
    for result in results:
        room = MOST_KEPT - simulation.said_kept - len(rows)
        new = [record for record in result.said.records if record.is_new]
        rows |= {(row.step, row.number): row for row in islice(_rows(simulation, new), max(room, 0))}
        if simulation.said_cut_at is None and result.said.count > min(len(new), room):
            simulation.said_cut_at = result.step
    _note_deaths(simulation, rows, results)
    PlayMessage.objects.bulk_create(rows.values(), batch_size=1_000)
    simulation.said_kept += len(rows)


def copy(parent: Simulation, branch: Simulation, *, until: int) -> None:
    """The same messages up to a step, of a branch; the caller saves its counts."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY, {"branch": branch.pk, "parent": parent.pk, "step": until})
        branch.said_kept = cursor.rowcount
    cut = parent.said_cut_at
    branch.said_cut_at = cut if cut is not None and cut <= until else None


def _rows(simulation: Simulation, records: Sequence[Record]) -> Iterator[PlayMessage]:
    for record in records:
        message = record.message
        step, number = moment_of(message.id)
        yield PlayMessage(
            simulation=simulation,
            step=step,
            number=number,
            sender=message.sender,
            sender_agent=member_of(message.sender),
            recipient=message.recipient or message.headers.get(AMONG, ""),
            recipient_agent=member_of(message.recipient),
            topic=message.topic,
            kind=message.kind,
            content=message.content[:LONGEST],
            priority=message.priority,
            lives=None if message.expires_at is None else int(message.expires_at - message.sent_at),
            heard=record.heard,
            state=record.state,
            note=record.note,
            noted_at=step if record.note else None,
        )


def _note_deaths(simulation: Simulation, rows: dict[Place, PlayMessage], results: Sequence[StepResult]) -> None:
    """What did not arrive after all, of these steps or of earlier ones; of what is not kept nothing is noted."""
    dead = {
        moment_of(record.message.id): (record, result.step)
        for result in results
        for record in result.said.records
        if not record.is_new
    }
    earlier = {step for step, number in dead if (step, number) not in rows}
    stored = PlayMessage.objects.filter(simulation=simulation, step__in=earlier) if earlier else []
    known = {place: row for row in stored if (place := (row.step, row.number)) in dead}
    for place, (record, step) in dead.items():
        row = rows.get(place) or known.get(place)
        if row is not None:
            row.state, row.note, row.noted_at = record.state, record.note, step
    PlayMessage.objects.bulk_update(known.values(), ["state", "note", "noted_at"], batch_size=500)

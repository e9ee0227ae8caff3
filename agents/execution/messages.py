"""Where a run's messages are kept: in its ledger and its story while a worker carries it out, or in batches straight into the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from agents.protocol.history import Batched, Record
from projects import ledger as ledgers
from projects.work.threads import in_workspace

TEXT_SHOWN = 2_000
LINE = "agent.message"


class Keeper(Protocol):
    """What of a run's ledger is needed here."""

    def message(self, message: ledgers.Message) -> None: ...

    def emit(self, kind: str, **data: Any) -> None: ...


class RunHistory:
    """The history of a run's own bus: each message becomes a row and a line `agent.message`, with whatever the run stores next."""

    def __init__(self, ledger: Keeper) -> None:
        self._ledger = ledger
        self._silent = False

    def add(self, record: Record) -> None:
        if self._silent:
            return
        message = record.message
        self._ledger.message(
            ledgers.Message(
                sender=message.sender,
                content=message.content,
                recipient=message.recipient,
                topic=message.topic,
                kind=message.kind,
                priority=message.priority,
                correlation_id=message.correlation_id,
                state=record.state,
                note=record.note,
                id=message.id,
            )
        )
        self._ledger.emit(LINE, **line_of(record))

    async def room(self) -> None:
        """The ledger takes everything; it bounds what a run may say by its own limits."""

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While a run that goes on is brought to where it was: what is said again was kept the first time."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False


def line_of(record: Record) -> dict[str, Any]:
    """What a run's story says of a message: its content as text, cut to what a page shows."""
    message = record.message
    text = message.content if isinstance(message.content, str) else message.body.decode()
    return {
        "id": str(message.id),
        "agent": message.sender,
        "to": message.recipient,
        "topic": message.topic,
        "how": message.kind,
        "priority": message.priority,
        "correlation_id": str(message.correlation_id) if message.correlation_id else None,
        "text": text[:TEXT_SHOWN],
        "state": record.state,
        "note": record.note,
    }


def kept_for(run_id: UUID, schema: str) -> Batched:
    """A history that writes into the table of messages by itself, for agents that talk outside a run's worker. Close it when done."""
    return Batched(partial(_save, run_id, schema))


async def _save(run_id: UUID, schema: str, records: Sequence[Record]) -> None:
    await in_workspace(schema, store, run_id, records)


_COPY = """COPY projects_agentmessage (id, created_at, updated_at, run_id, sender, recipient, topic, content, kind, priority,
    correlation_id, state, note) FROM STDIN"""
_UPDATE = """UPDATE projects_agentmessage AS m SET state = x.state, note = x.note, updated_at = now()
FROM json_to_recordset(%s) AS x (id uuid, state text, note text) WHERE m.id = x.id AND m.run_id = %s"""


def store(run_id: UUID, records: Sequence[Record]) -> None:
    """Write records in one transaction: new messages by COPY, deaths of older ones as updates. In the current workspace."""
    new = {record.message.id: record for record in records if record.is_new}
    later = [record for record in records if not record.is_new]
    for record in later:
        if record.message.id in new:
            new[record.message.id] = record
    with transaction.atomic(), connection.cursor() as cursor:
        if new:
            now = timezone.now()
            with cursor.copy(_COPY) as copy:
                for record in new.values():
                    copy.write_row(_row(run_id, record, now))
        if older := [record for record in later if record.message.id not in new]:
            cursor.execute(_UPDATE, [_states(older), run_id])


def _row(run_id: UUID, record: Record, now: datetime) -> tuple[Any, ...]:
    message = record.message
    return (
        message.id, datetime.fromtimestamp(message.sent_at, UTC), now, run_id, message.sender, message.recipient, message.topic,
        message.body.decode(), message.kind, message.priority, message.correlation_id, record.state, record.note,
    )  # fmt: skip


def _states(records: Sequence[Record]) -> str:
    last = {record.message.id: record for record in records}
    rows = [{"id": ident, "state": record.state, "note": record.note} for ident, record in last.items()]
    return orjson.dumps(rows).decode()

"""Storing what many runs of one workspace have to store, in one transaction of a few statements.

The first statement locks the runs' rows and finds out which of them are still this worker's; the rest is for those only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from projects import events
from projects.ledger.encoding import encoded
from projects.ledger.entries import LONGEST_MODEL, Alongside, Batch
from projects.ledger.outcomes import tell_outcomes
from projects.models import RunEvent
from projects.webhooks.announcing import announce_ends
from tenants import statements
from tenants.context import current_schema
from tenants.ids import uuid7


@dataclass(frozen=True, slots=True)
class Due:
    """The batch of one run, written by the worker that holds `fence`."""

    run_id: UUID
    fence: int
    batch: Batch


_RUNS = """
UPDATE projects_run r SET
    last_seq = r.last_seq + x.lines, updated_at = now(),
    status = coalesce(x.status, r.status), waiting_since = coalesce(x.waiting_since, r.waiting_since),
    stop_reason = coalesce(x.stop_reason, r.stop_reason), stop_detail = coalesce(x.stop_detail, r.stop_detail),
    output = coalesce(x.output, r.output), output_json = coalesce(x.output_json, r.output_json),
    provider = coalesce(x.provider, r.provider), model = coalesce(x.model, r.model),
    prompt_tokens = coalesce(x.prompt_tokens, r.prompt_tokens),
    completion_tokens = coalesce(x.completion_tokens, r.completion_tokens),
    cost = coalesce(x.cost, r.cost), finished_at = CASE WHEN x.finished_at IS NULL THEN r.finished_at ELSE clock_timestamp() END
FROM json_to_recordset(%s) AS x (
    id uuid, fence int, lines int, status text, waiting_since timestamptz, stop_reason text, stop_detail text, output text,
    output_json jsonb, provider text, model text, prompt_tokens int, completion_tokens int, cost numeric, finished_at timestamptz)
WHERE r.id = x.id AND r.fence = x.fence AND r.status = 'running'
RETURNING r.id, r.last_seq, r.finished_at IS NOT NULL AND r.manifest_digests <> '{}'"""

_EVENTS = """
INSERT INTO projects_runevent (run_id, seq, type, data, created_at)
SELECT run, seq, type, data, at FROM json_to_recordset(%s) AS x (run uuid, seq int, type text, data jsonb, at timestamptz)"""

_WORKS = """
INSERT INTO projects_agentrun (id, created_at, updated_at, run_id, task, agent, position, attempt, status,
    prompt_tokens, completion_tokens, cost, note, started_at, finished_at)
SELECT id, now(), now(), run, task, agent, position, attempt, status, prompt, completion, cost, note, started_at, finished_at
FROM json_to_recordset(%s) AS x (id uuid, run uuid, task text, agent text, position int, attempt int, status text,
    prompt int, completion int, cost numeric, note text, started_at timestamptz, finished_at timestamptz)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, prompt_tokens = excluded.prompt_tokens,
    completion_tokens = excluded.completion_tokens, cost = excluded.cost, note = excluded.note,
    finished_at = excluded.finished_at, updated_at = now()"""

_CALLS = """
INSERT INTO projects_modelcall (id, created_at, updated_at, run_id, key, task, agent, request_hash, request, reply, provider, model,
    prompt_tokens, completion_tokens, cost, seconds, cache_layer)
SELECT id, now(), now(), run, key, task, agent, hash, request, reply, provider, model, prompt, completion, cost, seconds, cache
FROM json_to_recordset(%s) AS x (id uuid, run uuid, key text, task text, agent text, hash text, request jsonb, reply jsonb,
    provider text, model text, prompt int, completion int, cost numeric, seconds float8, cache text)
ON CONFLICT (run_id, key) DO UPDATE SET request_hash = excluded.request_hash, request = excluded.request, reply = excluded.reply,
    provider = excluded.provider, model = excluded.model, prompt_tokens = excluded.prompt_tokens,
    completion_tokens = excluded.completion_tokens, cost = excluded.cost, seconds = excluded.seconds,
    cache_layer = excluded.cache_layer, updated_at = now()"""

_TOOLS = """
INSERT INTO projects_effect (id, created_at, updated_at, run_id, key, task, agent, tool, arguments, arguments_hash, state, answer, done_at)
SELECT id, now(), now(), run, key, task, agent, tool, arguments, hash, state, answer, done_at
FROM json_to_recordset(%s) AS x (id uuid, run uuid, key text, task text, agent text, tool text, arguments jsonb, hash text,
    state text, answer text, done_at timestamptz)
ON CONFLICT (run_id, key) DO UPDATE SET tool = excluded.tool, arguments = excluded.arguments, arguments_hash = excluded.arguments_hash,
    state = excluded.state, answer = excluded.answer, done_at = excluded.done_at, updated_at = now()"""

_STEPS = """
INSERT INTO projects_stepoutput (id, created_at, updated_at, run_id, task, position, agent, output, output_json, limited, edited,
    taken_over, outside, prompt_tokens, completion_tokens, cost, seconds)
SELECT id, now(), now(), run, task, position, agent, output, output_json, limited, edited, false, outside, prompt, completion, cost, seconds
FROM json_to_recordset(%s) AS x (id uuid, run uuid, task text, position int, agent text, output text, output_json jsonb,
    limited bool, edited bool, outside text, prompt int, completion int, cost numeric, seconds float8)"""

_MESSAGES = """
INSERT INTO projects_agentmessage (id, created_at, updated_at, run_id, sender, recipient, topic, content, kind, priority,
    correlation_id, state, note)
SELECT id, at, at, run, sender, recipient, topic, content, kind, priority, correlation, state, note
FROM json_to_recordset(%s) AS x (id uuid, at timestamptz, run uuid, sender text, recipient text, topic text, content jsonb,
    kind text, priority int, correlation uuid, state text, note text)
ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, note = EXCLUDED.note, updated_at = EXCLUDED.updated_at"""

Row = dict[str, Any]


def store(due: Sequence[Due]) -> set[UUID]:
    """Store the batches in one transaction and publish their lines after it. Returns the runs that are this worker's no more."""
    with transaction.atomic():
        last, from_market = _hold(due)
        mine = [each for each in due if each.run_id in last]
        told = _events(mine, last)
        _insert(
            (_EVENTS, [_event_row(event) for event in told]),
            *((statement, [row for d in mine for row in rows_of(d.run_id, d.batch)]) for statement, rows_of in _TABLES),
        )
        _store_alongside(mine)
        tell_outcomes(from_market, schema=current_schema())
        announce_ends({each.run_id: each.batch.run["status"] for each in mine if "finished_at" in each.batch.run})
        transaction.on_commit(partial(events.publish_events, told))
    return {each.run_id for each in due} - set(last)


def _hold(due: Sequence[Due]) -> tuple[Mapping[UUID, int], list[UUID]]:
    """Lock and change the runs' rows: the last number of each that is still ours, and those of the market that end with this."""
    rows = [{"id": d.run_id, "fence": d.fence, "lines": len(d.batch.lines), **d.batch.run} for d in due]
    held = statements.fetch(_RUNS, [encoded(rows)])
    return {run: last for run, last, _ in held}, [run for run, _, tells in held if tells]


def _insert(*tables: tuple[str, list[Row]]) -> None:
    filled = [(statement, [encoded(rows)]) for statement, rows in tables if rows]
    if filled:
        statements.fetch_in_turn(*filled)


def _store_alongside(mine: Sequence[Due]) -> None:
    by_class: dict[type[Alongside], list[Alongside]] = defaultdict(list)
    for each in mine:
        for entry in each.batch.alongside:
            by_class[type(entry)].append(entry)
    for kind, entries in by_class.items():
        kind.store(entries)


def _event_row(event: RunEvent) -> Row:
    return {"run": event.run_id, "seq": event.seq, "type": event.type, "data": event.data, "at": event.created_at}


def _events(mine: Sequence[Due], last: Mapping[UUID, int]) -> list[RunEvent]:
    return [
        RunEvent(run_id=each.run_id, seq=seq, type=line.type, data=line.data, created_at=line.at)
        for each in mine
        for seq, line in enumerate(each.batch.lines, start=last[each.run_id] - len(each.batch.lines) + 1)
    ]


def _works(run: UUID, batch: Batch) -> list[Row]:
    return [
        {
            "id": work.id,
            "run": run,
            "task": work.task,
            "agent": work.agent,
            "position": work.position,
            "attempt": work.attempt,
            "status": work.status,
            "prompt": work.spent.prompt_tokens,
            "completion": work.spent.completion_tokens,
            "cost": work.spent.cost,
            "note": work.note,
            "started_at": work.started_at,
            "finished_at": work.finished_at,
        }
        for work in batch.works.values()
    ]


def _calls(run: UUID, batch: Batch) -> list[Row]:
    return [
        {
            "id": uuid7(),
            "run": run,
            "key": call.key,
            "task": call.task,
            "agent": call.agent,
            "hash": call.request_hash,
            "request": call.request,
            "reply": call.reply,
            "provider": call.provider,
            "model": call.model[:LONGEST_MODEL],
            "prompt": call.spent.prompt_tokens,
            "completion": call.spent.completion_tokens,
            "cost": call.spent.cost,
            "seconds": call.seconds,
            "cache": call.cache_layer,
        }
        for call in batch.calls.values()
    ]


def _tools(run: UUID, batch: Batch) -> list[Row]:
    return [
        {
            "id": tool.id,
            "run": run,
            "key": tool.use.key,
            "task": tool.use.task,
            "agent": tool.use.agent,
            "tool": tool.use.tool,
            "arguments": tool.use.arguments,
            "hash": tool.use.arguments_hash,
            "state": tool.state,
            "answer": tool.answer,
            "done_at": tool.done_at,
        }
        for tool in batch.tools.values()
    ]


def _steps(run: UUID, batch: Batch) -> list[Row]:
    return [
        {
            "id": uuid7(),
            "run": run,
            "task": step.task,
            "position": step.position,
            "agent": step.agent,
            "output": step.output,
            "output_json": step.output_json,
            "limited": step.limited,
            "edited": step.edited,
            "outside": step.outside,
            "prompt": step.spent.prompt_tokens,
            "completion": step.spent.completion_tokens,
            "cost": step.spent.cost,
            "seconds": step.seconds,
        }
        for step in batch.steps
    ]


def _messages(run: UUID, batch: Batch) -> list[Row]:
    last = {message.id: (at, message) for at, message in batch.messages}
    return [
        {
            "id": message.id,
            "at": at,
            "run": run,
            "sender": message.sender,
            "recipient": message.recipient,
            "topic": message.topic,
            "content": message.content,
            "kind": message.kind,
            "priority": message.priority,
            "correlation": message.correlation_id,
            "state": message.state,
            "note": message.note,
        }
        for at, message in last.values()
    ]


_TABLES: tuple[tuple[str, Callable[[UUID, Batch], list[Row]]], ...] = (
    (_WORKS, _works),
    (_CALLS, _calls),
    (_TOOLS, _tools),
    (_STEPS, _steps),
    (_MESSAGES, _messages),
)

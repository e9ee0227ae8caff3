"""Setting aside, settling and giving back, each in one statement that holds its accounts in the order of their ids.

Rows are locked in one order everywhere, so that callers wait for each other and never in a circle. A statement reads
the newest version of each row that it locks: two callers cannot both take the last dollar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import connection

from projects.budgets import warning
from projects.budgets.amounts import NOTHING, Amounts, Limits
from tenants.context import current_schema
from tenants.ids import uuid7


class Caller(NamedTuple):
    """Who calls: the work and the lease under which it is done."""

    kind: str
    object_id: UUID
    fence: int


class Room(NamedTuple):
    """What an account has left now, and what of the rest is only set aside."""

    account: UUID
    left: Limits
    reserved: Amounts


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to an attempt: with `reservation` it fitted; else `rooms` says why not."""

    reservation: UUID | None
    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a call used in the end; nothing, where it failed. `run` is named in the warning that it may set off.

    The ledger stores it in the same commit as the answer that was paid for.
    """

    reservation: UUID
    accounts: tuple[UUID, ...]
    used: Amounts = NOTHING
    run: UUID | None = None

    @classmethod
    def store(cls, entries: Sequence[Self], /) -> None:
        settle(entries)


_RESERVE = """
WITH held AS MATERIALIZED (
    SELECT id, usd_limit + usd_more - usd_used - usd_reserved AS usd,
           tokens_limit + tokens_more - tokens_used - tokens_reserved AS tokens,
           model_calls_limit + model_calls_more - model_calls_used - model_calls_reserved AS model_calls,
           usd_reserved, tokens_reserved, model_calls_reserved
    FROM budgets_account WHERE id = ANY(%(accounts)s) ORDER BY id FOR NO KEY UPDATE
), room AS MATERIALIZED (
    SELECT coalesce(bool_and((%(usd)s = 0 OR usd IS NULL OR usd >= %(usd)s)
                             AND (tokens IS NULL OR tokens >= %(tokens)s)
                             AND (model_calls IS NULL OR model_calls >= %(calls)s)), true) AS fits
    FROM held
), taken AS (
    UPDATE budgets_account a
    SET usd_reserved = a.usd_reserved + %(usd)s, tokens_reserved = a.tokens_reserved + %(tokens)s,
        model_calls_reserved = a.model_calls_reserved + %(calls)s, updated_at = now()
    FROM room WHERE room.fits AND a.id = ANY(%(accounts)s)
), kept AS (
    INSERT INTO budgets_reservation
        (id, created_at, updated_at, kind, object_id, fence, key, accounts, usd, tokens, model_calls)
    SELECT %(id)s, now(), now(), %(kind)s, %(object_id)s, %(fence)s, %(key)s, %(accounts)s, %(usd)s, %(tokens)s, %(calls)s
    FROM room WHERE room.fits
)
SELECT room.fits, held.* FROM room LEFT JOIN held ON true"""


def reserve(caller: Caller, key: str, accounts: Sequence[UUID], wanted: Amounts) -> Taken:
    """Set `wanted` aside in all of the accounts, or in none. One statement."""
    made = uuid7()
    given: dict[str, Any] = {
        "id": made,
        "kind": caller.kind,
        "object_id": caller.object_id,
        "fence": caller.fence,
        "key": key[:300],
        "accounts": list(accounts),
        "usd": wanted.usd,
        "tokens": wanted.tokens,
        "calls": wanted.model_calls,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, given)
        rows = cursor.fetchall()
    rooms = tuple(Room(row[1], Limits(*row[2:5]), Amounts(*row[5:8])) for row in rows if row[1] is not None)
    return Taken(made if rows[0][0] else None, rooms)


_SETTLE = """
WITH given AS (
    SELECT * FROM unnest(%(reservations)s::uuid[], %(accounts)s::uuid[], %(usd)s::numeric[], %(tokens)s::bigint[], %(calls)s::bigint[])
        AS g(reservation, account, usd, tokens, model_calls)
), held AS MATERIALIZED (
    SELECT id, warned_at FROM budgets_account WHERE id IN (SELECT account FROM given) ORDER BY id FOR NO KEY UPDATE
), gone AS (
    DELETE FROM budgets_reservation WHERE id IN (SELECT reservation FROM given) AND (SELECT count(*) FROM held) >= 0  -- accounts first
    RETURNING id, usd, tokens, model_calls
), change AS (
    SELECT g.account, sum(g.usd) AS usd, sum(g.tokens) AS tokens, sum(g.model_calls) AS model_calls,
           coalesce(sum(r.usd), 0) AS free_usd, coalesce(sum(r.tokens), 0) AS free_tokens, coalesce(sum(r.model_calls), 0) AS free_calls
    FROM given g LEFT JOIN gone r ON r.id = g.reservation GROUP BY g.account
)
UPDATE budgets_account a
SET usd_used = a.usd_used + c.usd, tokens_used = a.tokens_used + c.tokens, model_calls_used = a.model_calls_used + c.model_calls,
    usd_reserved = a.usd_reserved - c.free_usd, tokens_reserved = a.tokens_reserved - c.free_tokens,
    model_calls_reserved = a.model_calls_reserved - c.free_calls, updated_at = now(),
    warned_at = CASE WHEN a.warned_at IS NULL AND c.model_calls > 0 AND (
            (a.usd_used + c.usd) * 100 >= (a.usd_limit + a.usd_more) * a.warn_at
            OR (a.tokens_used + c.tokens) * 100 >= (a.tokens_limit + a.tokens_more) * a.warn_at
            OR (a.model_calls_used + c.model_calls) * 100 >= (a.model_calls_limit + a.model_calls_more) * a.warn_at)
        THEN now() ELSE a.warned_at END
FROM change c JOIN held h ON h.id = c.account
WHERE a.id = c.account
RETURNING a.id, h.warned_at IS NULL AND a.warned_at IS NOT NULL"""


def settle(settlements: Sequence[Settlement]) -> None:
    """Count what calls used and give the rest of what was set aside back, in the caller's transaction. One statement.

    What a reservation's end (its lease ran out) gave back already is not given back twice; what was used counts in any
    case. A budget that passes its mark here is told about once, after the commit.
    """
    lines = [(s, account) for s in settlements for account in s.accounts]
    if not lines:
        return
    given: dict[str, Any] = {
        "reservations": [s.reservation for s, _ in lines],
        "accounts": [account for _, account in lines],
        "usd": [s.used.usd for s, _ in lines],
        "tokens": [s.used.tokens for s, _ in lines],
        "calls": [s.used.model_calls for s, _ in lines],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, given)
        passed = {account for account, crossed in cursor.fetchall() if crossed}
    runs = {account: s.run for s, account in lines if account in passed}
    warning.warn(runs)


_RELEASE = """
WITH ended AS MATERIALIZED (
    SELECT r.id, r.accounts FROM budgets_reservation r WHERE {which}
), held AS MATERIALIZED (
    SELECT id FROM budgets_account WHERE id IN (SELECT unnest(accounts) FROM ended) ORDER BY id FOR NO KEY UPDATE
), gone AS (
    DELETE FROM budgets_reservation WHERE id IN (SELECT id FROM ended) AND (SELECT count(*) FROM held) >= 0
    RETURNING accounts, usd, tokens, model_calls
), change AS (
    SELECT account, sum(usd) AS usd, sum(tokens) AS tokens, sum(model_calls) AS model_calls
    FROM gone, unnest(gone.accounts) AS account GROUP BY account
), freed AS (
    UPDATE budgets_account a
    SET usd_reserved = a.usd_reserved - c.usd, tokens_reserved = a.tokens_reserved - c.tokens,
        model_calls_reserved = a.model_calls_reserved - c.model_calls, updated_at = now()
    FROM change c WHERE a.id = c.account
)
SELECT count(*) FROM gone"""

_OF_OTHER_LEASES = _RELEASE.format(which="r.object_id = %s AND r.fence <> %s")
_OF_LEASE = _RELEASE.format(which="r.object_id = %s AND r.fence <= %s")
_OF_DEAD = _RELEASE.format(
    which="""r.accounts && %s AND NOT EXISTS (
        SELECT 1 FROM public.work_workitem w WHERE w.schema = %s AND w.kind = r.kind AND w.object_id = r.object_id
        AND w.state = 'running' AND w.fence = r.fence AND w.lease_until > now())"""
)


def release_others(caller: Caller) -> int:
    """Give back what earlier owners of this work had set aside; how many calls that was."""
    return _release(_OF_OTHER_LEASES, [caller.object_id, caller.fence])


def release_all(caller: Caller) -> int:
    """Give back what is still set aside under this lease or an earlier one; the work has ended."""
    return _release(_OF_LEASE, [caller.object_id, caller.fence])


def release_dead(accounts: Sequence[UUID]) -> int:
    """Give back what was set aside in these accounts by work whose lease has run out or passed on."""
    return _release(_OF_DEAD, [list(accounts), current_schema()])


def _release(statement: str, given: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.fetchone()[0])

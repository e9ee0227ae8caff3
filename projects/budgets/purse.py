"""A run's way to its budgets: set aside before each paid call, settle after it.

    purse = Purse(bounded)
    reservation = await purse.reserve(key, ceiling)      # raises OverLimit
    ... the call, with at most `reserved.answer_tokens` ...
    settle([reservation.used(cost, tokens)])             # in the transaction that stores the answer
    settle([reservation.refund()])                       # or where the call failed

Recorded, replayed and cached answers are not paid for: they come past none of this. Where no budget bounds the run,
nothing is asked of the database.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from projects.budgets import rules, spending, words
from projects.budgets.amounts import MEASURES, Amounts, Ceiling, Limits
from projects.budgets.models import Account, AtLimit
from projects.budgets.rules import Bounded
from projects.budgets.spending import Room, Settlement, Taken
from tenants.context import in_tenant

LEAST_ANSWER = 64  # tokens; what has no room for so short an answer is not asked
PATIENCE = 20.0  # seconds to wait for room for the whole answer, while other calls under way may give it back
PAUSE, LONGEST_PAUSE = 0.15, 2.0
NO_CEILING = Ceiling(0, 0, None, None)
InTenant = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room for one call. `answer_tokens` is how long its answer may be: cut where the whole did not fit any more, which it may again
    where `others_hold` what is missing for calls under way."""

    id: UUID | None
    accounts: tuple[UUID, ...]
    ceiling: Ceiling
    answer_tokens: int
    run: UUID | None = None
    bounds_dollars: bool = False
    others_hold: bool = False

    @property
    def is_cut(self) -> bool:
        return self.answer_tokens < self.ceiling.completion_tokens

    @property
    def counts_no_dollars(self) -> bool:
        """Dollars are bounded, but nobody knows the model's price: only tokens and calls are counted."""
        return self.bounds_dollars and not self.ceiling.is_priced

    def used(self, usd: Decimal, tokens: int) -> Settlement | None:
        """What the call took, for `settle`; None where nothing bounds it."""
        return None if self.id is None else Settlement(self.id, self.accounts, Amounts(usd, tokens, 1), self.run)

    def refund(self, usd: Decimal = Decimal(0), tokens: int = 0) -> Settlement | None:
        """For `settle`, of a call that failed or whose answer came from a cache; a failure may have cost something, too."""
        return None if self.id is None else Settlement(self.id, self.accounts, Amounts(usd, tokens, 0), self.run)


class OverLimit(Exception):
    """The next call does not fit. `asks` is whether a person may be asked to allow more; `detail` is for people."""

    def __init__(self, account: Account, wanted: Amounts) -> None:
        super().__init__(words.refusal_of(account, wanted))
        self.detail = str(self)
        self.account = account.pk
        self.asks = account.at_limit == AtLimit.ASK
        self.code = {Account.Source.CREW: "crew_limit", Account.Source.RUN: "run_limit"}.get(
            Account.Source(account.source), "budget"
        )
        self.figures = words.figures_of(account)
        self.wanted = wanted


class _Later(NamedTuple):
    """Calls under way hold what is missing."""


class Purse:
    """One per run and lease. `call` runs a database call in a tenant, on a bounded pool of threads."""

    def __init__(self, bounded: Bounded, *, call: InTenant = in_tenant) -> None:
        self._bounded = bounded
        self._in_tenant = call
        self._own: list[UUID] | None = None if bounded.own or bounded.crew else []
        self._inherits = bounded.caller.fence > 1  # an earlier owner of the run may have left something
        self._has_reserved = False
        self._since = time.monotonic() if bounded.since is None else bounded.since

    def boundless(self) -> Reservation | None:
        """Room for a call at once, where nothing bounds the run as far as is known: nobody needs to count what it may take."""
        return Reservation(None, (), NO_CEILING, 0) if self._nothing_bounds() else None

    async def reserve(
        self, key: str, ceiling: Ceiling, *, patient: bool = False, waits: Callable[[], None] | None = None
    ) -> Reservation:
        """Set aside the most that a call can use. Raises OverLimit.

        Waits some seconds for room for the whole answer while calls under way hold it, then makes do with a shorter one, unless it is
        `patient`; where even that lacks only what others hold, it waits until they are done: what is merely set aside is not spent.
        `waits` is called once where it has to wait at all.
        """
        if self._nothing_bounds():
            return Reservation(None, (), ceiling, ceiling.completion_tokens)
        ends, pause = time.monotonic() + PATIENCE, PAUSE
        while True:
            may_wait = patient or time.monotonic() < ends
            found = await self._in_tenant(self._bounded.schema, self._attempt, key, ceiling, may_wait)
            if isinstance(found, Reservation):
                return found
            if waits is not None:
                waits()
                waits = None
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads those who wait
            pause = min(pause * 1.2, LONGEST_PAUSE)

    async def cover(self, reservation: Reservation, key: str, more: Amounts) -> UUID | None:
        """Set `more` aside beside a call's own room, at once or not at all; the id to settle by, None where it does not fit."""
        return await self._in_tenant(self._bounded.schema, self._cover, reservation, key, more)  # type: ignore[no-any-return]

    async def settle_now(self, settlement: Settlement | None) -> None:
        """Settle outside of any other write, as after a call that failed."""
        if settlement is not None:
            await self._in_tenant(self._bounded.schema, spending.settle, [settlement])

    async def close(self) -> None:
        """Give back what is still set aside; call it when this worker is done with the run."""
        if self._has_reserved:
            await self._in_tenant(self._bounded.schema, spending.release_all, self._bounded.caller)
            self._has_reserved = False

    def _nothing_bounds(self) -> bool:
        known = rules.known(self._bounded.schema, since=self._since)
        return self._own == [] and known is not None and not any(map(self._bounded.is_bound_by, known))

    def _attempt(self, key: str, ceiling: Ceiling, may_wait: bool) -> Reservation | _Later:  # noqa: FBT001
        accounts = self._accounts()
        if not accounts:
            return Reservation(None, (), ceiling, ceiling.completion_tokens)
        self._has_reserved = True
        if self._inherits:
            spending.release_others(self._bounded.caller)
            self._inherits = False
        taken = self._take(key, accounts, ceiling.amounts())
        if taken.reservation is not None:
            return self._reservation(taken, accounts, ceiling, ceiling.completion_tokens)
        if may_wait and _reserved_by_others(taken, ceiling.amounts()):
            return _Later()
        return self._cut(key, accounts, ceiling, taken)

    def _cover(self, reservation: Reservation, key: str, more: Amounts) -> UUID | None:
        return self._take(f"{key}/again", list(reservation.accounts), more).reservation

    def _take(self, key: str, accounts: list[UUID], wanted: Amounts) -> Taken:
        """Try; where it does not fit, take back what dead workers hold, and try again."""
        taken = spending.reserve(self._bounded.caller, key, accounts, wanted)
        if taken.reservation is not None or not any(any(room.reserved) for room in taken.rooms):
            return taken
        return (
            spending.reserve(self._bounded.caller, key, accounts, wanted) if spending.release_dead(accounts) else taken
        )

    def _cut(self, key: str, accounts: list[UUID], ceiling: Ceiling, taken: Taken) -> Reservation | _Later:
        """Make do with a shorter answer, if one of a useful length fits, or would but for calls under way."""
        others_hold = _reserved_by_others(taken, ceiling.amounts())
        for _ in range(3):  # others take at the same time
            longest = min(ceiling.longest_answer(room.left) for room in taken.rooms)
            if longest < min(LEAST_ANSWER, ceiling.completion_tokens) or _no_call_left(taken):
                break
            taken = spending.reserve(self._bounded.caller, key, accounts, ceiling.amounts(longest))
            if taken.reservation is not None:
                return replace(self._reservation(taken, accounts, ceiling, longest), others_hold=others_hold)
        least = ceiling.amounts(min(LEAST_ANSWER, ceiling.completion_tokens))
        if _reserved_by_others(taken, least):
            return _Later()
        raise self._refusal(taken, least)

    def _refusal(self, taken: Taken, least: Amounts) -> OverLimit:
        """The account that stands in the way; of several, one that says stop, since asking would not help."""
        short = [room.account for room in taken.rooms if not _fits(room.left, least)]
        tried = short or [room.account for room in taken.rooms]
        found = list(Account.objects.filter(pk__in=tried).select_related("budget"))
        found.sort(key=lambda account: account.at_limit == AtLimit.ASK)
        return OverLimit(found[0], least)

    def _reservation(self, taken: Taken, accounts: list[UUID], ceiling: Ceiling, answer: int) -> Reservation:
        bounds_dollars = any(room.left.usd is not None for room in taken.rooms)
        run = self._bounded.caller.object_id
        return Reservation(taken.reservation, tuple(accounts), ceiling, answer, run, bounds_dollars)

    def _accounts(self) -> list[UUID]:
        schema = self._bounded.schema
        known = rules.known(schema, since=self._since)
        bounding = [
            rule for rule in (rules.read(schema) if known is None else known) if self._bounded.is_bound_by(rule)
        ]
        if self._own is None:
            self._own = rules.open_own_accounts(self._bounded)
        opened = (rules.account_of(schema, rule) for rule in bounding)
        return self._own + [account for account in opened if account is not None]


def _fits(left: Limits, wanted: Amounts) -> bool:
    return all(
        getattr(left, name) >= getattr(wanted, name)
        for name in MEASURES
        if getattr(left, name) is not None and not (name == "usd" and wanted.usd == 0)
    )


def _reserved_by_others(taken: Taken, wanted: Amounts) -> bool:
    """Whether so much would fit if calls under way took nothing of what is set aside for them."""
    return bool(taken.rooms) and all(_fits(_with_reserved(room), wanted) for room in taken.rooms)


def _with_reserved(room: Room) -> Limits:
    left, reserved = room.left, room.reserved
    return Limits(
        None if left.usd is None else left.usd + reserved.usd,
        None if left.tokens is None else left.tokens + reserved.tokens,
        None if left.model_calls is None else left.model_calls + reserved.model_calls,
    )


def _no_call_left(taken: Taken) -> bool:
    return any(room.left.model_calls is not None and room.left.model_calls < 1 for room in taken.rooms)

"""A play's calls to models: by the workspace's own chain, within its budgets, to whom its scenario may speak."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from agents.connections.gateways import Following
from agents.execution.ceilings import ceiling_of
from agents.llm.gateway import Gateway
from agents.llm.guards import Room
from agents.llm.retries import Patience
from agents.llm.types import (
    BadReply,
    LLMError,
    ProviderUnreachable,
    RateLimited,
    Reply,
    Request,
    RequestRefused,
    Usage,
)
from agents.llm.types import CredentialRefused as Unauthorised
from projects.budgets import spending
from projects.budgets.purse import OverLimit, Purse, Reservation
from projects.budgets.retries import Retries
from projects.budgets.rules import Bounded
from projects.budgets.spending import Caller, Settlement
from projects.work.threads import in_workspace
from simulations.engine.decisions import ZERO, FailureKind, ModelFailed
from simulations.models import Simulation
from simulations.ports.acquaintance import answered_lately, note_answer, note_failure

CALL_SECONDS = 120.0
NO_REPAIRS = Patience(repairs=0)  # the engine shows a model what was wrong by itself, and counts that call


@dataclass(frozen=True, slots=True)
class Whose:
    """Which play calls, under which lease, and which providers its scenario may ask (`may_ask` by name)."""

    schema: str
    caller: Caller
    may_ask: Callable[[str], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class _Bill:
    """What one call took. `is_known` says that somebody was asked; an answer from a cache costs nothing."""

    is_known: bool = False
    tokens: int = 0
    cost: Decimal = ZERO
    served_by: str = ""


class _Left:
    """What a call took that the play broke off."""

    def __init__(self) -> None:
        self.bill = _Bill(is_known=True)

    def take(self, usage: Usage, cost: Decimal) -> None:
        self.bill = replace(self.bill, tokens=usage.total_tokens, cost=cost)


class Meter:
    """The gateway as one play sees it. What a call may cost is set aside in the workspace's budgets before it is made."""

    def __init__(self, following: Following, whose: Whose, *, call_seconds: float = CALL_SECONDS) -> None:
        self._whose = whose
        self._call_seconds = call_seconds
        self._following = following
        self._purse = Purse(Bounded(schema=whose.schema, caller=whose.caller), call=in_workspace)

    async def complete(self, request: Request, key: str, *, patient: bool = False) -> Reply:
        """Raises ModelFailed, with what the failure had to be paid for. Who is `patient` waits for room for the whole answer."""
        gateway = await self._present()
        with _in_words():
            reserved = await self._purse.reserve(key, ceiling_of(request, gateway.routes), patient=patient)
        asked, retries = _shortened(request, reserved), Retries(self._purse, key, reserved)
        deadline, left = time.monotonic() + self._call_seconds, _Left()
        try:
            with _in_words(deadline):
                room = _room(reserved, retries)
                reply = await gateway.complete(asked, deadline=deadline, room=room, on_left=left.take)
        except BaseException as failure:  # raised again: also a cancelled call is settled
            note_failure(self._whose.schema)
            bill = _bill_of(failure) if isinstance(failure, ModelFailed) else left.bill
            await self._enter(reserved.refund(bill.cost, bill.tokens), bill, retries)
            raise
        if not reply.cached:
            note_answer(self._whose.schema)
        await self._enter(_used(reserved, reply), _bill(reply), retries)
        if reserved.is_cut and reply.finish_reason == "length":
            if reserved.others_hold:
                return await self.complete(request, key, patient=True)
            detail = "An answer broke off: the workspace's budget had no room for more."
            raise ModelFailed("over_budget", detail, **_taken(reply))
        return reply

    async def _present(self) -> Gateway:
        """Whom this play may ask, by the workspace's chain as it is now."""
        with _in_words():
            allowed = (await self._following.present()).only(self._whose.may_ask)
        if allowed is None:
            raise ModelFailed("refused", "It was installed without a permission to call any model of this workspace.")
        return allowed.patient(NO_REPAIRS)

    @property
    def answered_lately(self) -> bool:
        """Whether a provider of this workspace answered here within the last minute, and none has failed since."""
        return answered_lately(self._whose.schema)

    async def close(self) -> None:
        """Give back what is set aside for calls that nobody waits for any more."""
        await self._purse.close()

    async def _enter(self, settlement: Settlement | None, bill: _Bill, retries: Retries) -> None:
        if settlement is not None or bill.is_known:
            found = (
                [] if settlement is None else [replace(settlement, run=None)]
            )  # a warning names a run, and a play is none
            await in_workspace(self._whose.schema, self._write, [*found, *retries.freed()], bill)

    @transaction.atomic
    def _write(self, settlements: Sequence[Settlement], bill: _Bill) -> None:
        """Into the workspace's budgets and the books of the play at once; whoever goes on with it reads them there."""
        spending.settle(settlements)
        if bill.is_known:
            Simulation.objects.filter(pk=self._whose.caller.object_id).update(
                llm_calls=F("llm_calls") + 1,
                tokens=F("tokens") + bill.tokens,
                cost=F("cost") + bill.cost,
                served_by=bill.served_by or F("served_by"),
            )


@contextmanager
def _in_words(deadline: float | None = None) -> Iterator[None]:
    """Turn what budgets and the gateway raise into what the engine knows."""
    try:
        yield
    except OverLimit as refused:
        raise ModelFailed("over_budget", refused.detail) from refused
    except LLMError as failure:
        raise ModelFailed(
            _kind(failure, deadline),
            failure.detail,
            said=failure.said if isinstance(failure, BadReply) else "",
            retry_after=failure.retry_after,
            prompt_tokens=failure.usage.prompt_tokens,
            completion_tokens=failure.usage.completion_tokens,
            cost=failure.cost,
        ) from failure


def _kind(failure: LLMError, deadline: float | None) -> FailureKind:
    if isinstance(failure, RateLimited):
        return "rate_limited"
    if isinstance(failure, BadReply):
        return "malformed"
    if isinstance(failure, RequestRefused | Unauthorised):
        return "refused"
    late = deadline is not None and time.monotonic() >= deadline - 0.5
    return "timeout" if late and isinstance(failure, ProviderUnreachable) else "unavailable"


def _shortened(request: Request, reserved: Reservation) -> Request:
    """Bounded in its answer where dollars depend on it, or where there is no room for the whole."""
    costs_by_length = reserved.bounds_dollars and bool(reserved.ceiling.completion_price)
    return replace(request, max_tokens=reserved.answer_tokens) if reserved.is_cut or costs_by_length else request


def _room(reserved: Reservation, retries: Retries) -> Room | None:
    """For the gateway to ask before another attempt; None where nothing bounds the call."""

    async def has_room(usage: Usage, cost: Decimal) -> bool:
        return await retries.have_room(cost, usage.total_tokens)

    return None if reserved.id is None else has_room


def _used(reserved: Reservation, reply: Reply) -> Settlement | None:
    """From a cache it took no more than attempts that failed before."""
    taken = reserved.refund if reply.cached else reserved.used
    return taken(reply.cost, reply.usage.total_tokens)


def _bill(reply: Reply) -> _Bill:
    served_by = f"{reply.provider}/{reply.model}"[:200]
    if reply.cached:
        return _Bill()
    return _Bill(is_known=True, tokens=reply.usage.total_tokens, cost=reply.cost, served_by=served_by)


def _bill_of(failure: ModelFailed) -> _Bill:
    return _Bill(is_known=True, tokens=failure.prompt_tokens + failure.completion_tokens, cost=failure.cost)


def _taken(reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": reply.cost,
    }

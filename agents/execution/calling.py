"""A run's calls to models: answered from the record where they can be, paid for once, and stored before anything comes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from django.conf import settings

from agents.execution.noticing import attempts_behind
from agents.execution.permitting import Permitted
from agents.execution.recording import hash_of, reply_as_json, reply_from_json, request_as_json
from agents.execution.spending import Paid, Spender
from agents.llm.gateway import Gateway
from agents.llm.guards import Room
from agents.llm.types import (
    BadReply,
    CircuitOpen,
    LLMError,
    OnText,
    ProviderOverloaded,
    ProviderUnreachable,
    Reply,
    Request,
    Usage,
)
from agents.runtimes.outcome import CallId
from projects.ledger import Alongside, Answered, Ledger, Spent

CALL_SECONDS = 600.0
AWAY = (CircuitOpen, ProviderUnreachable, ProviderOverloaded)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
MOST_GARBAGE = 2
"""So often what was broken off, malformed or empty is asked for again: it may pass, but each time may have to be paid for."""


class Caller:
    """The gateway as one run sees it. `recorded` holds the keys that were answered from the record."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Gateway,
        *,
        permitted: Permitted | None = None,
        look_again: Callable[[], Awaitable[Gateway]] | None = None,
    ) -> None:
        """`look_again` gives the workspace's gateway as it is by then; `permitted` is whom a call may ask."""
        self.recorded: set[str] = set()
        self._ledger = ledger
        self._permitted = permitted or Permitted(ledger)
        self._gateway = gateway
        self._look_again = look_again
        self._spender = Spender(ledger, gateway.routes, self._permitted)

    async def __call__(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        """Raises LLMError, and what the ledger raises when the run must stop."""
        self._ledger.check()
        asked = request_as_json(request)
        asked_hash = hash_of(asked)
        if (known := self._ledger.recorded.call(call.key, asked_hash)) is not None:
            self.recorded.add(call.key)
            return _again(reply_from_json(known.reply), on_text)
        await self._ledger.answers_stored()
        await self._look()
        self._permitted.gateway(self._gateway, request, call)
        paid, reply = await self._paid_for(self._anew(request), call, on_text)
        self._ledger.served_by(reply.provider, reply.model)
        beside: list[Alongside] = [*paid.settled(reply), *attempts_behind(self._ledger, call, reply)]
        self._ledger.model_called(_answered(call, asked, asked_hash, reply), alongside=beside)
        paid.check(reply)
        return reply

    async def _paid_for(self, request: Request, call: CallId, on_text: OnText | None) -> tuple[Paid, Reply]:
        """An answer within the budgets. Room is asked for anew where failed attempts took that for another one, and where an answer broke
        off for want of what other calls only held."""
        patient = False
        while True:
            paid = await self._spender.room_for(request, call, patient=patient)
            lost = _Lost(paid.room)
            try:
                reply = await self._ask(paid, call, on_text, lost)
            except BaseException as failure:  # also a cancelled call may have cost something
                self._take_note(paid, call, lost)
                if not (isinstance(failure, LLMError) and paid.retries.is_refused):
                    raise
            else:
                if not _is_held_back(paid, reply):
                    return paid, reply
                lost.throw_away(reply)
                self._take_note(paid, call, lost)
                patient = True
            await self._ledger.saved()  # what was taken counts before anybody asks how much is left

    def _take_note(self, paid: Paid, call: CallId, lost: _Lost) -> None:
        """A call that failed or was broken off may have cost something."""
        usage, cost = lost.spent
        self._spender.failed(paid, usage, cost)
        if cost or usage.total_tokens:
            self._ledger.spend(call.task, Spent(usage.prompt_tokens, usage.completion_tokens, cost))

    def _anew(self, request: Request) -> Request:
        """A run that was started to ask once more shares remembered answers with nobody but itself."""
        run = self._ledger.run
        return replace(request, prompt_version=str(run.pk)) if run.asks_anew else request

    async def _look(self) -> None:
        """Whoever was taken out of the chain is asked no more, and what a call may cost is reckoned by who is in it now."""
        if self._look_again is not None:
            self._gateway = await self._look_again()
            self._spender.routes = self._gateway.routes

    async def close(self) -> None:
        """Give back what is set aside for calls that nobody waits for any more."""
        await self._spender.close()

    async def _ask(self, paid: Paid, call: CallId, on_text: OnText | None, lost: _Lost) -> Reply:
        heard = _Heard(self._ledger, call, on_text, shown=paid.request.response_schema is None)
        deadline = min(self._ledger.ends, time.monotonic() + CALL_SECONDS)
        reply = await self._ledger.within(self._patiently(paid, call, deadline, heard, lost))
        if _is_held_back(paid, reply):
            heard.restart()
        return reply

    async def _patiently(self, paid: Paid, call: CallId, deadline: float, heard: _Heard, lost: _Lost) -> Reply:
        """The answer; while every provider is away it is asked for again, by the chain as it is then, for PROVIDER_PATIENCE_SECONDS."""
        patience = min(deadline, time.monotonic() + settings.PROVIDER_PATIENCE_SECONDS)
        for attempt in count():
            try:
                asked = self._permitted.gateway(self._gateway, paid.request, call)
                reply = await asked.complete(
                    paid.request,
                    deadline=deadline,
                    on_text=heard.text,
                    on_restart=heard.restart,
                    room=lost.room,
                    on_left=lost.take,
                )
                return lost.beside(reply)
            except LLMError as failure:
                lost.add(failure)
                pause = max(failure.retry_after or min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE), 0.1)
                is_late = time.monotonic() + pause >= patience
                if is_late or not _may_pass(failure, attempt) or not await lost.leaves_room():
                    lost.say_why(failure)
                    raise
                heard.waits(failure, pause)
            await asyncio.sleep(pause)
            await self._look()
        raise AssertionError("Counting has no end.")


def _is_held_back(paid: Paid, reply: Reply) -> bool:
    """Whether the answer would have come to its end but for calls under way, which held more than they may use."""
    return paid.reservation.others_hold and paid.broke_off(reply)


def _may_pass(failure: LLMError, attempt: int) -> bool:
    """Whether asking again after a while may help: nobody was there, or (`attempt` from 0) what came a few times was no answer at all."""
    is_garbage = isinstance(failure, BadReply) and not failure.said
    return isinstance(failure, AWAY) or (is_garbage and attempt < MOST_GARBAGE)


class _Lost:
    """What the times took at which everybody was away, and one that was broken off: it counts to the answer, or to the failure in the end."""

    def __init__(self, room: Room | None) -> None:
        self.room = None if room is None else self._has_room
        self._asks, self._usage, self._cost = room, Usage(), Decimal(0)
        self._why = ""

    async def _has_room(self, usage: Usage, cost: Decimal) -> bool:
        return self._asks is None or await self._asks(self._usage + usage, self._cost + cost)

    async def leaves_room(self) -> bool:
        return not (self._cost or self._usage.total_tokens) or await self._has_room(Usage(), Decimal(0))

    @property
    def spent(self) -> tuple[Usage, Decimal]:
        return self._usage, self._cost

    def take(self, usage: Usage, cost: Decimal) -> None:
        self._usage, self._cost = self._usage + usage, self._cost + cost

    def throw_away(self, reply: Reply) -> None:
        """An answer that `beside` gave is of no use."""
        self._usage, self._cost = reply.usage, reply.cost

    def add(self, failure: LLMError) -> None:
        """Makes the failure say what all of them took."""
        self.take(failure.usage, failure.cost)
        failure.usage, failure.cost = self._usage, self._cost
        self._why = self._why if isinstance(failure, CircuitOpen) else failure.detail

    def say_why(self, failure: LLMError) -> None:
        """That nobody is asked any more explains nothing: what was said when somebody was."""
        if isinstance(failure, CircuitOpen) and self._why:
            failure.detail = f"{failure.detail} Before that: {self._why}"

    def beside(self, reply: Reply) -> Reply:
        if not (self._cost or self._usage.total_tokens):
            return reply
        return replace(reply, usage=reply.usage + self._usage, cost=reply.cost + self._cost)


class _Heard:
    """Passes text on as it comes; when an attempt breaks off, says how much of the shown text is void."""

    def __init__(self, ledger: Ledger, call: CallId, on_text: OnText | None, *, shown: bool) -> None:
        self._ledger, self._call, self._on_text, self._shown = ledger, call, on_text, shown
        self._length = 0

    def text(self, text: str) -> None:
        self._length += len(text)
        if self._on_text is not None:
            self._on_text(text)

    def waits(self, away: LLMError, seconds: float) -> None:
        """The story says why nothing happens; text that had come is void."""
        self.restart()
        at = {"task": self._call.task, "agent": self._call.agent}
        self._ledger.emit("model.waiting", **at, code=away.code, detail=away.detail, seconds=round(seconds, 1))

    def restart(self) -> None:
        if self._shown and self._length:
            at = {"task": self._call.task, "agent": self._call.agent}
            self._ledger.emit("run.output", **at, text="", restart=True, dropped=self._length)
        self._length = 0


def _again(reply: Reply, on_text: OnText | None) -> Reply:
    if on_text is not None and reply.text:
        on_text(reply.text)
    return reply


def _answered(call: CallId, asked: dict[str, Any], asked_hash: str, reply: Reply) -> Answered:
    return Answered(
        key=call.key,
        task=call.task,
        agent=call.agent,
        request_hash=asked_hash,
        request=asked,
        reply=reply_as_json(reply),
        provider=reply.provider,
        model=reply.model,
        spent=Spent(reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.cost),
        seconds=reply.seconds,
        cache_layer=reply.cached,
    )

"""What a run's calls to models may cost: set aside before each, settled with its answer. At a limit the run stops or asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from agents.execution.ceilings import ceiling_of
from agents.execution.permitting import Permitted
from agents.llm.guards import Room
from agents.llm.routes import Route
from agents.llm.types import Reply, Request, Usage
from agents.runtimes.outcome import CallId, User
from agents.runtimes.spec import LimitsSpec
from projects.asking.words import Ask
from projects.budgets.amounts import Limits
from projects.budgets.models import AtLimit
from projects.budgets.purse import OverLimit, Purse, Reservation
from projects.budgets.retries import Retries
from projects.budgets.rules import Bounded
from projects.budgets.spending import Caller, Settlement
from projects.ledger import Ledger, RunStopped
from projects.models import Run
from projects.work.threads import in_workspace


@dataclass(frozen=True, slots=True)
class Paid:
    """Room for one call. `request` is what may be asked: with a shorter answer where the whole one did not fit."""

    request: Request
    reservation: Reservation
    retries: Retries

    @property
    def room(self) -> Room | None:
        """For the gateway, to ask before it spends more than one attempt takes; None where nothing bounds the call."""
        return None if self.reservation.id is None else self._has_room

    async def _has_room(self, usage: Usage, cost: Decimal) -> bool:
        return await self.retries.have_room(cost, usage.total_tokens)

    def settled(self, reply: Reply) -> list[Settlement]:
        """What the call took, to be stored with its answer. From a cache it took no more than attempts that failed before."""
        taken = self.reservation.refund if reply.cached else self.reservation.used
        found = taken(reply.cost, reply.usage.total_tokens)
        return [] if found is None else [found, *self.retries.freed()]

    def broke_off(self, reply: Reply) -> bool:
        """Whether the answer has no end because the budget had no room for more."""
        return self.reservation.is_cut and reply.finish_reason == "length"

    def check(self, reply: Reply) -> None:
        """An answer that broke off because the budget had no room for more is not one. Raises RunStopped."""
        if self.broke_off(reply):
            detail = (
                f"An answer broke off after {self.reservation.answer_tokens:,} tokens: the budget had no room for more."
            )
            raise RunStopped(Run.Status.OVER_BUDGET, "budget", detail)


class Spender:
    """The budgets of one run, as its caller of models sees them."""

    def __init__(self, ledger: Ledger, routes: Sequence[Route], permitted: Permitted) -> None:
        self._ledger = ledger
        self.routes = routes
        self._permitted = permitted
        self._purse = Purse(bounded_of(ledger, permitted.leaves.usd), call=in_workspace)
        self._approved: set[str] = set()
        self._told_of_price = False

    async def room_for(self, request: Request, call: CallId, *, patient: bool = False) -> Paid:
        """Set the most that the call can use aside. Raises RunStopped, or Waiting when a person is asked.

        Who is `patient` takes no less than that while calls under way hold what is missing.
        """
        if (boundless := self._purse.boundless()) is not None:
            return Paid(request, boundless, Retries(self._purse, call.key, boundless))
        ceiling, waits = ceiling_of(request, self.routes), partial(self._tell_of_waiting, call)
        while True:
            try:
                wanted = self._purse.reserve(call.key, ceiling, patient=patient, waits=waits)
                reservation = await self._ledger.within(wanted)
            except OverLimit as refused:
                await self._ask(refused, call)
            else:
                self._tell_of_price(reservation)
                return Paid(_shortened(request, reservation), reservation, Retries(self._purse, call.key, reservation))

    def failed(self, paid: Paid, usage: Usage, cost: Decimal) -> None:
        """Give back what was set aside for a call that failed, but for what its attempts took."""
        if (settlement := paid.reservation.refund(cost, usage.total_tokens)) is not None:
            for entry in (settlement, *paid.retries.freed()):
                self._ledger.beside(entry)

    async def close(self) -> None:
        await self._purse.close()

    async def _ask(self, refused: OverLimit, call: CallId) -> None:
        """Comes back when somebody allowed more. One question per allowance, so that the same limit can ask again."""
        stopped = RunStopped(Run.Status.OVER_BUDGET, refused.code, refused.detail)
        if not refused.asks:
            if _is_granted(refused, self._permitted.leaves.usd):
                self._permitted.over_budget(User(call.agent, call.task))
            raise stopped
        answer = await self._ledger.ask(
            Ask(
                key=f"budget/{refused.account}/{self._allowed(str(refused.account))}",
                kind="budget",
                text=f"{refused.detail} Allow more, once?",
                task=call.task,
                agent=call.agent,
                details={"account": str(refused.account), "figures": refused.figures},
            )
        )
        if answer.action != "approve":
            raise stopped
        self._approved.add(f"budget/{refused.account}/{self._allowed(str(refused.account))}")

    def _allowed(self, account: str) -> int:
        """How often somebody allowed this run more of this account."""
        mark = f"budget/{account}/"
        answered = {
            key
            for key, question in self._ledger.recorded.questions.items()
            if key.startswith(mark) and (question.answer or {}).get("action") == "approve"
        }
        return len(answered | {key for key in self._approved if key.startswith(mark)})

    def _tell_of_waiting(self, call: CallId) -> None:
        detail = "Calls under way hold what is left of the budget; this one waits until they have come to their end."
        self._ledger.emit("model.waiting", task=call.task, agent=call.agent, code="budget", detail=detail)

    def _tell_of_price(self, reservation: Reservation) -> None:
        if reservation.counts_no_dollars and not self._told_of_price:
            self._told_of_price = True
            detail = "Nobody knows the price of this model: its calls count as tokens and calls, and as no dollars."
            self._ledger.emit("budget.warning", detail=detail)


def bounded_of(ledger: Ledger, granted: float | None = None) -> Bounded:
    """Whom the run belongs to, and what it and its crew may use by themselves; `granted` is what an installer let one run spend."""
    run = ledger.run
    return Bounded(
        schema=ledger.schema,
        caller=Caller(ledger.lease.kind, run.pk, ledger.fence),
        project=run.project_id,
        subject=run.subject_id,
        own=_limits_in(run.limits),
        own_at_limit=str(run.limits.get("at_limit") or AtLimit.STOP),
        crew=_limits_of_crew(run.snapshot, granted),
        since=ledger.began,
    )


def _is_granted(refused: OverLimit, granted: float | None) -> bool:
    """Whether what does not suffice is the money that an installer let one run spend."""
    usd = refused.figures.get("usd")
    if granted is None or usd is None or refused.code != "crew_limit" or usd["limit"] != granted:
        return False
    return bool(usd["used"] + usd["reserved"] + float(refused.wanted.usd) > granted)


def _limits_in(given: Mapping[str, Any]) -> Limits:
    usd = given.get("usd")
    return Limits(None if usd is None else Decimal(str(usd)), given.get("tokens"), given.get("model_calls"))


def _limits_of_crew(snapshot: Mapping[str, Any], granted: float | None) -> Limits:
    """A crew's zero means that it has no bound of its own; what was granted holds whatever the crew says."""
    spec = LimitsSpec.model_validate(snapshot.get("limits") or {})
    usd = min((each for each in (spec.usd or None, granted) if each is not None), default=None)
    return Limits(None if usd is None else Decimal(str(usd)), spec.tokens or None, spec.model_calls or None)


def _shortened(request: Request, reservation: Reservation) -> Request:
    """Bounded in its answer where dollars depend on it, or where there is no room for the whole."""
    costs_by_length = reservation.bounds_dollars and bool(reservation.ceiling.completion_price)
    if reservation.is_cut or costs_by_length:
        return replace(request, max_tokens=reservation.answer_tokens)
    return request

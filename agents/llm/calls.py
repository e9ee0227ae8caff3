"""One caller's wish, through all routes that may fulfil it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.llm.attempts import Asking, House, Trail
from agents.llm.flights import Flights, Seat
from agents.llm.guards import Observation, Room
from agents.llm.hedging import Pace, race
from agents.llm.listening import Listener
from agents.llm.questions import cache_key, may_be_remembered
from agents.llm.routes import Route, in_order
from agents.llm.types import Cached, CircuitOpen, LLMError, Reply, Request, Target, Usage

_flights = Flights()
_paces: dict[Target, Pace] = {}


class Call:
    """`room` is asked before money is spent beside what one attempt takes. A call that has to ask is not hedged."""

    def __init__(
        self,
        house: House,
        routes: Sequence[Route],
        request: Request,
        deadline: float,
        listener: Listener,
        room: Room | None = None,
    ) -> None:
        self._house = house
        self._routes = in_order(routes, request.model)
        self._request = request
        self._deadline = deadline
        self._listener = listener
        self._trail = Trail(room=room)
        self._began = time.monotonic()

    async def reply(self) -> Reply:
        """The first answer that a route gives, with what all attempts took and cost. Raises the error that `_telling` names."""
        failures: list[LLMError] = []
        place = 0
        while place < len(self._routes):
            hedge_after = self._hedge_after(place)
            try:
                if hedge_after is None:
                    return self._accounted(await self._ask(place, self._listener))
                return self._accounted(await self._race(place, hedge_after))
            except LLMError as failure:
                failures.append(failure)
                if not self._listener.may_be_told_anew() or not await self._trail.may_go_on():
                    break
            place += 1 if hedge_after is None else 2
        told = _telling(failures)
        told.usage, told.cost = self.spent()
        raise told

    def spent(self) -> tuple[Usage, Decimal]:
        """What all attempts so far took, as far as they are this caller's to pay for."""
        return self._trail.usage(), self._trail.cost()

    def _hedge_after(self, place: int) -> float | None:
        if self._house.hedging is None or self._trail.room is not None or place + 1 == len(self._routes):
            return None
        return self._pace(place).patience(self._house.hedging)

    async def _race(self, place: int, after: float) -> Reply:
        return await race(
            lambda listener: self._ask(place, listener),
            lambda listener: self._ask(place + 1, listener, hedge=True),
            after=after,
            listener=self._listener,
        )

    async def _ask(self, place: int, listener: Listener, *, hedge: bool = False) -> Reply:
        """The answer of one route: remembered, shared with others who ask the same now, or given anew."""
        cache = self._house.cache
        if cache is None or not may_be_remembered(self._request):
            return await self._ask_anew(place, listener, self._trail, hedge=hedge)
        key = cache_key(self._request, self._target(place), tenant=self._house.tenant)
        if (known := await cache.get(key)) is not None:
            listener.begin()
            listener.hear(known.text)
            return self._for_nothing(place, known, known.cached or "process")

        async def start(audience: Listener, trail: Trail) -> Reply:
            answer = await self._ask_anew(place, audience, trail, hedge=hedge)
            await cache.put(key, answer)
            return answer

        seat = Seat(listener, self._trail)
        reply = await _flights.share(key, start, deadline=self._deadline, seat=seat)
        return reply if seat.pays else self._for_nothing(place, reply, "shared")

    async def _ask_anew(self, place: int, listener: Listener, trail: Trail, *, hedge: bool) -> Reply:
        route = self._routes[place]
        asking = Asking(
            house=self._house,
            route=route,
            model=self._model(place),
            request=self._request,
            deadline=self._deadline,
            listener=listener,
            trail=trail,
            last=place + 1 == len(self._routes),
            hedge=hedge,
        )
        began = time.monotonic()
        reply = await asking.reply()
        if self._house.hedging is not None:
            self._pace(place).seconds.append(time.monotonic() - began)
        return reply

    def _for_nothing(self, place: int, reply: Reply, cached: Cached) -> Reply:
        if self._house.observe is not None:
            seconds = time.monotonic() - self._began
            self._house.observe(
                Observation(self._target(place), self._house.tenant, "ok", seconds, attempt=0, cached=cached)
            )
        return replace(reply, cached=cached)

    def _accounted(self, reply: Reply) -> Reply:
        usage, cost = self.spent()
        return replace(
            reply,
            usage=usage,
            cost=cost,
            seconds=time.monotonic() - self._began,
            attempts=len(self._trail.attempts),
            trail=tuple(self._trail.attempts),
        )

    def _model(self, place: int) -> str:
        return self._routes[place].served(self._request.model, first=place == 0)

    def _target(self, place: int) -> Target:
        return self._routes[place].target_for(self._model(place))

    def _pace(self, place: int) -> Pace:
        return _paces.setdefault(self._routes[place].target, Pace())


def _telling(failures: Sequence[LLMError]) -> LLMError:
    """The first route's error; that of the first one which was asked at all, where the breaker kept others from it."""
    return next((failure for failure in failures if not isinstance(failure, CircuitOpen)), failures[0])

"""What keeps calls in bounds: the budget, the pace, a provider that is dead; and what happens then."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from simulations.engine.decisions import Decision
from simulations.engine.errors import PlayInterrupted
from simulations.engine.policies.archetype import ArchetypeLLMPolicy
from simulations.engine.policies.breaker import Breaker, ModelsDead
from simulations.engine.policies.pace import UNPROVEN, Pace
from simulations.engine.spend import Cap, Spend
from tests.simulations.policies.scripted import ScriptedModels, asking, failing, loop_rounds, shares, wordings
from tests.simulations.policies.situations import request


def _many(count: int) -> list[Any]:
    return [request({"similar": number, "other": 1}, row=number) for number in range(count)]


def _policy(models: ScriptedModels, *spends: Spend, **more: Any) -> ArchetypeLLMPolicy:
    return ArchetypeLLMPolicy("llm", wordings(), asking(models, *spends, **more))


def _causes(decisions: list[Decision]) -> dict[str, int]:
    causes = [decision.cause for decision in decisions]
    return {cause: causes.count(cause) for cause in sorted(set(causes))}


class TestBudget:
    async def test_after_the_cap_rules_decide_and_say_so(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        spend = Spend(Cap(calls=5))
        decisions = await _policy(models, spend).decide_batch(_many(12))
        assert (len(models.asked), _causes(decisions)) == (5, {"": 5, "over_budget": 7})
        assert spend.spent.calls == 5

    @pytest.mark.parametrize("then", ["pause", "stop"])
    async def test_after_the_cap_the_play_rests_or_ends_and_what_was_paid_is_kept(self, then: Any) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        policy = _policy(models, Spend(Cap(calls=5), then))
        with pytest.raises(PlayInterrupted) as caught:
            await policy.decide_batch(_many(12))
        assert (caught.value.reason, caught.value.then) == ("over_budget", then)
        assert len(await policy.asking.store.get_many([one.key for one in _many(12)])) == 5

    async def test_a_budget_of_the_workspace_counts_as_the_author_wishes(self) -> None:
        models = ScriptedModels(lambda _: failing("over_budget"))
        with pytest.raises(PlayInterrupted, match="over_budget"):
            await _policy(models, after_cap="pause").decide_batch(_many(3))

    async def test_dollars_never_pass_the_cap_by_more_than_what_was_in_flight(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1), rounds=20, price="0.10")
        spend = Spend(Cap(usd=Decimal("1.00")))
        await _policy(models, spend, most=4).decide_batch(_many(40))
        assert Decimal("0.90") <= spend.spent.usd <= Decimal("1.00") + 4 * Decimal("0.10")

    async def test_a_repair_needs_room_too(self) -> None:
        models = ScriptedModels(lambda _: shares(fly=1))
        (decision,) = await _policy(models, Spend(Cap(calls=1))).decide_batch(_many(1))
        assert (decision.cause, decision.calls, len(models.asked)) == ("over_budget", 1, 1)

    async def test_every_one_of_several_books_must_have_room(self) -> None:
        play, policy = Spend(Cap(calls=10)), Spend(Cap(calls=3))
        await _policy(ScriptedModels(lambda _: shares(move=1)), play, policy).decide_batch(_many(6))
        assert (play.spent.calls, policy.spent.calls, play.reserved.calls) == (3, 3, 0)


class TestDeadProvider:
    @pytest.mark.parametrize("kind", ["timeout", "unavailable", "rate_limited", "refused"])
    async def test_a_dead_provider_is_asked_at_most_ten_times(self, kind: str) -> None:
        models = ScriptedModels(lambda _: failing(kind), rounds=5)
        decisions = await _policy(models).decide_batch(_many(60))
        assert len(models.asked) <= 10
        causes = _causes(decisions)
        assert causes["models_dead"] >= 50
        assert causes[kind] + causes["models_dead"] == 60

    async def test_nobody_takes_the_place_of_a_call_that_failed_before_any_answer(self) -> None:
        pace = Pace()
        for left in range(UNPROVEN - 1, 0, -1):
            pace.failed()
            assert pace.limit == left
        pace.answered()
        assert pace.limit == 50
        pace.failed()
        assert pace.limit == 50

    async def test_the_play_pauses_if_the_author_wants_no_rules(self) -> None:
        models = ScriptedModels(lambda _: failing("unavailable"))
        with pytest.raises(PlayInterrupted) as caught:
            await _policy(models, after_cap="pause").decide_batch(_many(20))
        assert (caught.value.reason, caught.value.then) == ("models_unavailable", "pause")

    async def test_what_the_model_garbles_does_not_make_it_dead(self) -> None:
        models = ScriptedModels(lambda _: failing("malformed"))
        decisions = await _policy(models).decide_batch(_many(20))
        assert (len(models.asked), _causes(decisions)) == (40, {"malformed": 20})

    def test_one_call_tries_again_after_a_rest_and_an_answer_closes_it(self) -> None:
        now = [0.0]
        breaker = Breaker(failures=2, rest_seconds=30, clock=lambda: now[0])
        for _ in range(2):
            breaker.check()
            breaker.failed("No.")
        with pytest.raises(ModelsDead, match=r"2 times in a row.*No\."):
            breaker.check()
        now[0] = 31.0
        breaker.check()
        with pytest.raises(ModelsDead):
            breaker.check()
        breaker.answered()
        breaker.check()


class TestPace:
    async def test_few_until_the_first_answer_then_fifty_at_most(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1), rounds=20)
        models.goes_on.clear()
        policy = _policy(models)
        deciding = asyncio.create_task(policy.decide_batch(_many(200)))
        await loop_rounds(100)
        assert models.in_flight == UNPROVEN
        models.goes_on.set()
        await deciding
        assert (models.most_in_flight, policy.asking.calls.pace.in_flight) == (50, 0)

    async def test_a_refusal_halves_it_once_for_all_under_way_and_answers_bring_it_back(self) -> None:
        pace = Pace(40)
        pace.answered()
        for _ in range(3):
            async with pace:
                pass
        pace.refused()
        pace.refused()
        assert pace.limit == 20
        for _ in range(100):
            pace.answered()
        assert pace.limit == 40

    async def test_who_is_told_that_it_is_too_much_asks_half_as_many_at_once(self) -> None:
        answers = iter([shares(move=1), failing("rate_limited")])
        policy = _policy(ScriptedModels(lambda _: next(answers)), most=40)
        for one in _many(2):
            await policy.decide_batch([one])
        assert policy.asking.calls.pace.limit == 20

    async def test_a_call_that_takes_too_long_is_a_timeout(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        models.goes_on.clear()
        spend = Spend(Cap(calls=10))
        (decision,) = await _policy(models, spend, call_seconds=0.01).decide_batch(_many(1))
        assert (decision.cause, spend.spent.calls, spend.reserved.calls) == ("timeout", 1, 0)

    async def test_who_gives_up_waiting_leaves_the_place_to_the_next(self) -> None:
        pace = Pace(1)

        async def hold(left: asyncio.Event) -> None:
            async with pace:
                await left.wait()

        goes_on = asyncio.Event()
        first, second = asyncio.create_task(hold(goes_on)), asyncio.create_task(hold(goes_on))
        await loop_rounds(2)
        second.cancel()
        goes_on.set()
        await first
        await asyncio.wait_for(hold(goes_on), 60)
        assert pace.in_flight == 0

    async def test_a_play_that_is_taken_away_gives_back_what_it_reserved(self) -> None:
        spend = Spend(Cap(calls=10))
        models = ScriptedModels(lambda _: shares(move=1))
        models.goes_on.clear()
        deciding = asyncio.create_task(_policy(models, spend).decide_batch(_many(3)))
        await loop_rounds(100)
        assert spend.reserved.calls == 3
        deciding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await deciding
        assert spend.reserved.calls == 0


class Known(ScriptedModels):
    """A port whose other side answered somebody a moment ago."""

    answered_lately = True


@pytest.mark.parametrize(("port", "at_once"), [(ScriptedModels, UNPROVEN), (Known, 50)])
async def test_only_a_stranger_is_tried_with_care(port: type[ScriptedModels], at_once: int) -> None:
    first_wave: list[int] = []

    def say(_: Any) -> object:
        first_wave.append(models.in_flight)
        return shares(move=1)

    models = port(say, rounds=50)
    await _policy(models).decide_batch(_many(60))
    assert len(models.asked) == 60
    assert first_wave[0] == at_once - 1

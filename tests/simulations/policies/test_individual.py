"""Deciding for one agent at a time: models that remember, crews, people."""

from __future__ import annotations

from typing import Any

import pytest

from simulations.engine.decisions import CrewMember, Decision, Option
from simulations.engine.errors import WaitingForPerson
from simulations.engine.policies.archetype import Asking
from simulations.engine.policies.calls import Calls
from simulations.engine.policies.falling_back import Fallback
from simulations.engine.policies.individual import CrewModels, CrewPolicy, IndividualLLMPolicy
from simulations.engine.policies.people import HumanPolicy
from simulations.engine.policies.store import MemoryStore
from simulations.engine.recording import DecisionLog, Recorded
from tests.simulations.policies.scripted import (
    ALWAYS_STAY,
    ScriptedCrews,
    ScriptedModels,
    Seats,
    asking,
    failing,
    wordings,
)
from tests.simulations.policies.situations import ACTIONS, request

SEEN = {"similar": 1, "other": 3}
MOVE: dict[str, object] = {"action": "move", "reason": "Too  few\nfriends."}


def _individual(models: ScriptedModels, **more: Any) -> IndividualLLMPolicy:
    memory = more.pop("memory", 5)
    return IndividualLLMPolicy("llm", wordings(form="choice"), asking(models, **more), memory=memory)


class TestIndividuals:
    async def test_an_agent_chooses_one_action_and_says_why(self) -> None:
        (decision,) = await _individual(ScriptedModels(lambda _: MOVE)).decide_batch([request(SEEN)])
        assert (decision.options, decision.reason) == ((Option("move"),), "Too few friends.")
        assert (decision.source, decision.lasting, decision.calls) == ("llm", False, 1)

    async def test_it_remembers_its_last_steps_and_hears_what_it_is_told(self) -> None:
        models = ScriptedModels(lambda _: MOVE)
        policy = Recorded(_individual(models, memory=2), DecisionLog())
        for step in range(1, 5):
            await policy.decide_batch([request(SEEN, row=7, step=step, messages=("Be calm.",) if step == 3 else ())])
        remembered = (
            "What you remember:\n- Step 2: you saw similar 1, other 3; you did move; because “Too few friends.”.\n"
        )
        assert remembered + "- Step 3: you saw similar 1, other 3; you were told “Be calm.”" in models.asked[3].prompt
        assert "What you were just told:\n- Be calm." in models.asked[2].prompt
        assert "Step 1" not in models.asked[3].prompt

    async def test_agents_do_not_share_memories_and_a_checkpoint_keeps_them(self) -> None:
        models = ScriptedModels(lambda _: MOVE)
        policy = Recorded(_individual(models), DecisionLog())
        await policy.decide_batch([request(SEEN, row=1)])
        again = Recorded(_individual(models), DecisionLog())
        again.restore(policy.snapshot())
        await again.decide_batch([request(SEEN, row=1, step=2), request(SEEN, row=2, step=2)])
        assert ["Step 1" in question.prompt for question in models.asked[1:]] == [True, False]

    async def test_asked_twice_in_a_step_it_is_the_same_question(self) -> None:
        models = ScriptedModels(lambda _: MOVE)
        policy = Recorded(_individual(models), DecisionLog())
        await policy.decide_batch([request(SEEN)])
        await policy.decide_batch([request({"similar": 0, "other": 4})])
        assert "What you remember" not in models.asked[1].prompt

    async def test_another_memory_is_another_question_even_of_the_same_agent_and_step(self) -> None:
        store, models = MemoryStore(), ScriptedModels(lambda _: MOVE)
        for earlier in (SEEN, {"similar": 4, "other": 0}):
            policy = Recorded(_individual(models, store=store), DecisionLog())
            await policy.decide_batch([request(earlier, step=1)])
            await policy.decide_batch([request(SEEN, step=2)])
        assert len(models.asked) == 4

    async def test_what_cannot_be_used_is_left_to_the_rule(self) -> None:
        models = ScriptedModels(lambda _: failing("timeout"))
        (decision,) = await _individual(models).decide_batch([request(SEEN)])
        assert (decision.cause, decision.options) == ("timeout", (Option("stay"),))


class TestCrews:
    def _policy(self, crews: ScriptedCrews) -> CrewPolicy:
        members = [CrewMember("Elder", "Peace", "Old."), CrewMember("Scout", "News", "")]
        calls = Calls(CrewModels(crews, members))
        return CrewPolicy("crew", wordings(form="choice"), Asking(calls, MemoryStore(), (), Fallback(ALWAYS_STAY)))

    async def test_a_crew_talks_the_situation_over(self) -> None:
        crews = ScriptedCrews(MOVE)
        (decision,) = await self._policy(crews).decide_batch([request(SEEN, messages=("Listen!",))])
        assert (decision.options, decision.source, str(decision.cost)) == ((Option("move"),), "crew", "0.05")
        asked = crews.asked[0]
        assert ([member.role for member in asked.members], asked.task) == (["Elder", "Scout"], "You decide.")
        assert "You see 1 and 3" in asked.situation
        assert "Listen!" in asked.situation

    async def test_what_it_may_not_do_falls_back(self) -> None:
        (decision,) = await self._policy(ScriptedCrews({"action": "fly"})).decide_batch([request(SEEN)])
        assert (decision.cause, decision.calls) == ("illegal", 2)


class TestPeople:
    def _policy(self, seats: Seats) -> HumanPolicy:
        return HumanPolicy("person", seats, {"resident": ACTIONS}, wait_seconds=60, fallback=Fallback(ALWAYS_STAY))

    async def test_the_play_waits_for_those_who_have_not_answered(self) -> None:
        one, other = request(SEEN, row=1), request({"similar": 2, "other": 2}, row=2)
        seats = Seats({one.key: Decision((Option("move"),), "human", one.key)}, waited=59)
        with pytest.raises(WaitingForPerson) as caught:
            await self._policy(seats).decide_batch([one, other])
        assert ([r.row for r in caught.value.requests], caught.value.then) == ([2], "pause")

    async def test_an_answer_is_taken_and_who_is_late_is_spoken_for(self) -> None:
        one, other = request(SEEN, row=1), request({"similar": 2, "other": 2}, row=2)
        given = Decision((Option("order", {"quantity": 3}),), "human", one.key, "Hungry.")
        taken, late = await self._policy(Seats({one.key: given}, waited=60)).decide_batch([one, other])
        assert (taken.options, taken.source, taken.reason) == ((Option("order", {"quantity": 3}),), "human", "Hungry.")
        assert (late.options, late.source, late.cause) == ((Option("stay"),), "fallback", "nobody_answered")

    async def test_a_person_may_do_no_more_than_a_model(self) -> None:
        one = request(SEEN)
        given = Decision((Option("order", {"quantity": 101}),), "human", one.key)
        (decision,) = await self._policy(Seats({one.key: given})).decide_batch([one])
        assert (decision.cause, decision.options) == ("illegal", (Option("stay"),))

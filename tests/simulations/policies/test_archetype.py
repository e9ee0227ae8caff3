"""A model decides once for all in the same situation: what it is told, what of its answers is used, what is kept."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulations.engine.decisions import Option
from simulations.engine.policies.archetype import ArchetypeLLMPolicy
from simulations.engine.policies.store import MemoryStore
from tests.simulations.policies.scripted import ScriptedModels, asking, failing, shares, wordings
from tests.simulations.policies.situations import request

SEEN = {"similar": 1, "other": 3}


def _policy(models: ScriptedModels, **more: Any) -> ArchetypeLLMPolicy:
    kinds = {name: more.pop(name) for name in ("samples", "together") if name in more}
    form: Any = "choice" if kinds.get("samples") else "shares"
    return ArchetypeLLMPolicy("llm", more.pop("texts", wordings(form=form)), asking(models, **more), **kinds)


class TestAnswers:
    async def test_shares_become_a_distribution_that_lasts(self) -> None:
        models = ScriptedModels(lambda _: shares(move=75, stay=25))
        (decision,) = await _policy(models).decide_batch([request(SEEN)])
        assert decision.options == (Option("move", weight=0.75), Option("stay", weight=0.25))
        assert (decision.source, decision.calls, decision.prompt_tokens, decision.lasting) == ("llm", 1, 100, True)
        assert decision.exchange is not None
        assert "You see 1 and 3; the limit is 0.5." in decision.exchange.prompt

    async def test_the_model_is_told_what_may_be_done_and_how_to_answer(self) -> None:
        models = ScriptedModels(lambda _: shares(stay=1))
        await _policy(models).decide_batch([request(SEEN, legal=["stay", "order"])])
        asked = models.asked[0]
        assert "- stay\n- order: Order. Give quantity (a whole number from 0 up to 100)." in asked.prompt
        kinds = asked.schema["properties"]["options"]["items"]["anyOf"]
        assert [kind["properties"]["action"]["enum"] for kind in kinds] == [["stay"], ["order"]]
        assert kinds[1]["properties"]["args"]["properties"]["quantity"] == {
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
        }

    @pytest.mark.parametrize(
        ("wrong", "cause"),
        [
            (shares(fly=1), "illegal"),
            (shares(move=-1, stay=2), "malformed"),
            (shares(move=math.nan), "malformed"),
            (shares(move=0), "malformed"),
            (shares(move=math.inf), "malformed"),
            ({"options": []}, "malformed"),
            ({"options": [{"action": "order", "weight": 1, "args": {"quantity": 101}}]}, "illegal"),
            ({"options": [{"action": "order", "weight": 1}]}, "illegal"),
            (["move"], "malformed"),
        ],
    )
    async def test_what_cannot_be_used_is_asked_once_more_and_then_left_to_the_rule(
        self, wrong: object, cause: str
    ) -> None:
        models = ScriptedModels(lambda _: wrong)
        (decision,) = await _policy(models).decide_batch([request(SEEN)])
        assert [question.purpose for question in models.asked] == ["decide", "repair"]
        assert "That cannot be used" in models.asked[1].prompt
        assert (decision.options, decision.source, decision.cause) == ((Option("stay"),), "fallback", cause)
        assert (decision.calls, decision.lasting) == (2, False)

    async def test_what_only_others_may_do_is_illegal(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        (decision,) = await _policy(models).decide_batch([request(SEEN, legal=["stay", "order"])])
        assert (decision.cause, decision.options) == ("illegal", (Option("stay"),))

    async def test_a_repaired_answer_counts_both_calls(self) -> None:
        models = ScriptedModels(lambda question: shares(move=1) if question.purpose == "repair" else shares(fly=1))
        (decision,) = await _policy(models).decide_batch([request(SEEN)])
        assert (decision.source, decision.calls, str(decision.cost)) == ("llm", 2, "0.02")

    async def test_no_json_is_shown_to_the_model_and_repaired(self) -> None:
        models = ScriptedModels(
            lambda question: shares(move=1) if question.purpose == "repair" else failing("malformed")
        )
        (decision,) = await _policy(models).decide_batch([request(SEEN)])
        assert (decision.source, decision.calls) == ("llm", 2)

    async def test_arguments_are_kept_with_their_option(self) -> None:
        answer = {"options": [{"action": "order", "weight": 3, "args": {"quantity": 7}}]}
        (decision,) = await _policy(ScriptedModels(lambda _: answer)).decide_batch([request(SEEN)])
        assert decision.options == (Option("order", {"quantity": 7}, 1.0),)


class TestSamples:
    async def test_samples_are_a_distribution(self) -> None:
        answers = iter(["move", "stay", "move", "move"])
        models = ScriptedModels(lambda _: {"action": next(answers), "reason": "So."})
        (decision,) = await _policy(models, samples=4).decide_batch([request(SEEN)])
        assert decision.options == (Option("move", weight=0.75), Option("stay", weight=0.25))
        assert (decision.calls, decision.source, decision.lasting) == (4, "llm", True)

    async def test_a_sample_that_is_lost_is_left_out_and_said(self) -> None:
        answers: list[object] = [{"action": "move"}, failing("timeout"), {"action": "move"}]
        models = ScriptedModels(lambda _: answers.pop())
        (decision,) = await _policy(models, samples=3).decide_batch([request(SEEN)])
        assert decision.options == (Option("move"),)
        assert (decision.reason, decision.lasting) == ("1 of 3 samples could not be used.", False)

    async def test_only_the_missing_samples_are_paid_for_again(self) -> None:
        store = MemoryStore()
        answers: list[object] = [{"action": "move"}, failing("timeout"), {"action": "move"}]
        first = ScriptedModels(lambda _: answers.pop())
        await _policy(first, samples=3, store=store).decide_batch([request(SEEN)])
        again = ScriptedModels(lambda _: {"action": "stay"})
        (decision,) = await _policy(again, samples=3, store=store).decide_batch([request(SEEN)])
        assert (len(again.asked), decision.calls, decision.source) == (1, 1, "llm")


class TestKeeping:
    async def test_what_was_paid_is_not_asked_again(self) -> None:
        store = MemoryStore()
        models = ScriptedModels(lambda _: shares(move=1))
        await _policy(models, store=store).decide_batch([request(SEEN)])
        (again,) = await _policy(models, store=store).decide_batch([request(SEEN)])
        assert (len(models.asked), again.source, again.calls, str(again.cost)) == (1, "cache", 0, "0")

    async def test_an_answer_is_kept_before_the_slowest_has_come(self) -> None:
        store = MemoryStore()
        models = ScriptedModels(
            lambda question: shares(move=1) if "You see 1" in question.prompt else ValueError("bug")
        )
        with pytest.raises(ValueError, match="bug"):
            await _policy(models, store=store).decide_batch([request(SEEN), request({"similar": 2, "other": 2})])
        assert set(await store.get_many([request(SEEN).key])) == {request(SEEN).key}

    async def test_a_fallback_is_not_kept(self) -> None:
        store = MemoryStore()
        await _policy(ScriptedModels(lambda _: failing("timeout")), store=store).decide_batch([request(SEEN)])
        assert not await store.get_many([request(SEEN).key])

    async def test_a_prompt_that_tells_the_step_holds_for_that_step(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        policy = _policy(models, texts=wordings("It is step {step}."))
        decisions = await policy.decide_batch([request(SEEN)]) + await policy.decide_batch([request(SEEN, step=2)])
        assert (len(models.asked), [decision.lasting for decision in decisions]) == (2, [False, False])

    def test_every_word_and_live_parameter_changes_the_fingerprint(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        prints = {
            _policy(models).fingerprint,
            _policy(models, texts=wordings(threshold=0.6)).fingerprint,
            _policy(models, texts=wordings("Other words.")).fingerprint,
            _policy(models, model="another").fingerprint,
            _policy(models, temperature=1.0).fingerprint,
            _policy(models, samples=3).fingerprint,
        }
        assert len(prints) == 6


class TestSeveralInOneCall:
    async def test_situations_share_a_call_and_each_has_its_answer(self) -> None:
        models = ScriptedModels(lambda _: {"answers": [shares(move=1), shares(stay=1)]})
        seen = [request({"similar": number, "other": 1}) for number in range(4)]
        decisions = await _policy(models, together=2).decide_batch(seen)
        assert [decision.options[0].action for decision in decisions] == ["move", "stay", "move", "stay"]
        assert (len(models.asked), [decision.calls for decision in decisions]) == (2, [1, 0, 1, 0])

    async def test_one_that_cannot_be_used_is_asked_by_itself(self) -> None:
        def say(question: Any) -> object:
            return shares(move=1) if question.purpose == "repair" else {"answers": [shares(stay=1), shares(fly=1)]}

        models = ScriptedModels(say)
        decisions = await _policy(models, together=2).decide_batch(
            [request({"similar": n, "other": 1}) for n in (0, 1)]
        )
        assert [decision.options[0].action for decision in decisions] == ["stay", "move"]
        assert [decision.calls for decision in decisions] == [1, 1]

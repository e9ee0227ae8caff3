"""Rules: the first line that applies, odds between lines, draws of one's own; one by one and over columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from simulations.engine.batches import Batch
from simulations.engine.decisions import Option, Word
from simulations.engine.draws import DRAW_STREAM, pick
from simulations.engine.expressions import ExpressionFailed, Kind
from simulations.engine.policies.columns import VectorRulePolicy
from simulations.engine.policies.rules import RulePolicy, Rules
from simulations.engine.randomness import Chance
from tests.simulations.policies.situations import line, request, rules

NAMES: Mapping[str, Kind] = {"similar": "number", "other": "number", "threshold": "number"}
SCHELLING = rules(
    line("move", NAMES, "similar + other > 0 and similar / (similar + other) < threshold"), line("stay", NAMES)
)
ODDS = rules(line("move", NAMES, "other > 2", "0.5"), line("order", NAMES, "", "other / 10", quantity="similar * 2.6"))
DRAWN = rules(line("order", NAMES, "chance(0.5)", quantity="uniform(0, 100)"), line("move", NAMES))


class TestOneByOne:
    async def test_the_first_line_that_applies_is_done(self) -> None:
        policy = RulePolicy("rule", SCHELLING, parameters={"threshold": 0.5})
        alone, few, many = await policy.decide_batch(
            [request({"similar": s, "other": o}) for s, o in [(0, 0), (1, 3), (3, 1)]]
        )
        assert [decision.options for decision in (alone, few, many)] == [
            (Option("stay"),),
            (Option("move"),),
            (Option("stay"),),
        ]
        assert (few.source, few.calls, few.lasting) == ("rule", 0, False)

    def test_a_live_parameter_holds_from_the_next_question_on(self) -> None:
        parameters: dict[str, Word] = {"threshold": 0.5}
        policy = RulePolicy("rule", SCHELLING, parameters=parameters)
        seen = request({"similar": 3, "other": 1})
        assert policy.decide(seen).options[0].action == "stay"
        parameters["threshold"] = 0.9
        assert policy.decide(seen).options[0].action == "move"

    def test_what_may_not_be_done_is_passed_over(self) -> None:
        policy = RulePolicy("rule", SCHELLING, parameters={"threshold": 0.5})
        assert policy.decide(request({"similar": 0, "other": 1}, legal=["stay"])).options == (Option("stay"),)

    def test_probabilities_are_a_distribution_and_what_is_left_does_nothing(self) -> None:
        policy = RulePolicy("rule", ODDS, parameters={})
        options = policy.decide(request({"similar": 4, "other": 4})).options
        assert options == (
            Option("move", weight=0.5),
            Option("order", {"quantity": 10}, 0.2),
            Option("stay", weight=0.3),
        )

    def test_an_expression_without_a_value_is_refused_not_applied(self) -> None:
        policy = RulePolicy("rule", rules(line("move", NAMES, "1 / other > 0")), parameters={})
        with pytest.raises(ExpressionFailed, match="1 / other > 0"):
            policy.decide(request({"similar": 1, "other": 0}))

    def test_who_draws_is_asked_for_itself_and_draws_the_same_again(self) -> None:
        policy = RulePolicy("rule", DRAWN, parameters={}, seed=3)
        assert policy.individual is True
        first = [policy.decide(request(row=row)) for row in range(40)]
        assert len({repr(decision.options) for decision in first}) > 10
        assert [policy.decide(request(row=row)) for row in range(40)] == first


def _two_who_see(*other: int) -> Batch:
    return Batch("resident", np.arange(2), {"other": np.array(other)}, ("stay", "move"), np.array([3, 3]))


class TestColumns:
    @pytest.mark.parametrize("chosen", [SCHELLING, ODDS, DRAWN], ids=["schelling", "odds", "drawn"])
    def test_columns_choose_what_one_by_one_is_chosen(self, chosen: Mapping[str, Rules]) -> None:
        count, seed, step = 300, 11, 4
        dice = np.random.default_rng(5)
        fields = {name: dice.integers(0, 6, count) for name in ("similar", "other")}
        may_move = dice.integers(0, 5, count) > 0
        chance, rows = Chance(seed, step), np.arange(count) * 3
        policy = VectorRulePolicy("rule", chosen, parameters={"threshold": 0.5}, seed=seed)
        legal_bits = np.where(may_move, 0b111, 0b101)
        batch = Batch("resident", rows, fields, ("stay", "move", "order"), legal_bits, step)
        choices = policy.decide_columns(batch, chance)
        for place, row in enumerate(rows.tolist()):
            legal = ["stay", "move", "order"] if may_move[place] else ["stay", "order"]
            seen = {name: column[place].item() for name, column in fields.items()}
            decision = policy.decide(request(seen, row=row, step=step, legal=legal))
            option = decision.options[pick(decision.options, chance.draw(DRAW_STREAM, row))]
            assert choices.actions[choices.codes[place]] == option.action
            for name, value in option.args.items():
                assert choices.args[option.action, name][place] == value

    def test_a_line_that_nobody_reaches_cannot_fail(self) -> None:
        policy = VectorRulePolicy(
            "rule", rules(line("move", NAMES, "other == 0"), line("stay", NAMES, "1 / other > 0")), parameters={}
        )
        choices = policy.decide_columns(_two_who_see(0, 2), Chance(1, 1))
        assert choices.codes.tolist() == [1, 0]

    def test_a_value_that_is_none_is_refused(self) -> None:
        policy = VectorRulePolicy("rule", rules(line("move", NAMES, "1 / other > 0")), parameters={})
        with pytest.raises(ExpressionFailed, match="division by zero"):
            policy.decide_columns(_two_who_see(0, 2), Chance(1, 1))

    def test_a_word_among_the_parameters_is_compared_by_its_place(self) -> None:
        mode = rules(line("move", {"mode": ("calm", "wild")}, "mode == 'wild'"))
        for chosen, codes in [("wild", [1, 1]), ("calm", [0, 0])]:
            policy = VectorRulePolicy("rule", mode, parameters={"mode": chosen})
            assert policy.decide_columns(_two_who_see(0, 2), Chance(1, 1)).codes.tolist() == codes

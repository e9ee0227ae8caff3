"""What a play leaves behind: decisions that are never asked twice, acts, lines of JSON, and replays that notice a difference."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from simulations.engine.decisions import Decision, Exchange, Option
from simulations.engine.interventions import Intervention
from simulations.engine.policies.archetype import ArchetypeLLMPolicy
from simulations.engine.recording import (
    DecisionLog,
    Entry,
    InterventionLog,
    Mismatch,
    Record,
    Recorded,
    RecordRefused,
    Replay,
    ReplayPolicy,
    UnknownDecision,
    first_difference,
    read_lines,
    write_lines,
)
from tests.simulations.policies.scripted import ScriptedModels, asking, failing, shares, wordings
from tests.simulations.policies.situations import request

SEEN = {"similar": 1, "other": 3}


def _llm(models: ScriptedModels) -> ArchetypeLLMPolicy:
    return ArchetypeLLMPolicy("llm", wordings(), asking(models))


def _entry(step: int, key: bytes, *, lasting: bool = True, action: str = "move") -> Entry:
    return Entry(
        step,
        "resident",
        4,
        17,
        Decision(
            (Option(action, {"to": 3, "how": "fast"}, 0.25), Option("stay", weight=0.75)),
            "llm",
            key,
            "Because.",
            1,
            100,
            20,
            Decimal("0.0125"),
            0.5,
            lasting,
            Exchange("Where?", "There.", "m-1"),
        ),
    )


class TestNothingIsAskedTwice:
    async def test_a_lasting_decision_holds_from_its_step_on_at_no_cost(self) -> None:
        models, log = ScriptedModels(lambda _: shares(move=1)), DecisionLog()
        policy = Recorded(_llm(models), log)
        (first,) = await policy.decide_batch([request(SEEN, step=3)])
        (again,) = await policy.decide_batch([request(SEEN, step=4)])
        assert (first.source, again.source, again.calls, len(models.asked)) == ("llm", "cache", 0, 1)
        assert log.known(2, request(SEEN).key) is None

    async def test_a_worker_that_takes_over_gets_the_step_as_it_was_decided(self) -> None:
        models = ScriptedModels(lambda _: shares(move=1))
        log = DecisionLog()
        (first,) = await Recorded(_llm(models), log).decide_batch([request(SEEN, step=3)])
        resumed = Recorded(_llm(models), DecisionLog(log.fresh()))
        assert await resumed.decide_batch([request(SEEN, step=3)]) == [first]
        assert len(models.asked) == 1

    async def test_a_fallback_counts_in_its_step_and_is_asked_again_in_the_next(self) -> None:
        answers: list[object] = [shares(move=1), failing("timeout")]
        policy = Recorded(_llm(ScriptedModels(lambda _: answers.pop())), DecisionLog())
        (failed,) = await policy.decide_batch([request(SEEN, step=1)])
        assert await policy.decide_batch([request(SEEN, step=1)]) == [failed]
        (better,) = await policy.decide_batch([request(SEEN, step=2)])
        assert (failed.source, better.source) == ("fallback", "llm")

    async def test_a_replay_asks_nobody(self) -> None:
        models, log = ScriptedModels(lambda _: shares(move=1)), DecisionLog()
        (first,) = await Recorded(_llm(models), log).decide_batch([request(SEEN)])
        replay = ReplayPolicy(_llm(models), log)
        (again,) = await replay.decide_batch([request(SEEN)])
        assert (again.options, again.source, len(models.asked)) == (first.options, "replay", 1)
        assert (again.calls, again.prompt_tokens, again.completion_tokens, str(again.cost)) == (0, 0, 0, "0")
        with pytest.raises(UnknownDecision, match="In step 1, resident 0 is in a situation that is not in the log"):
            await replay.decide_batch([request({"similar": 2, "other": 2})])

    def test_a_branch_knows_what_was_decided_until_then(self) -> None:
        log = DecisionLog([_entry(1, b"a"), _entry(2, b"b"), _entry(3, b"c")]).until(2)
        assert [log.known(9, key) is not None for key in (b"a", b"b", b"c")] == [True, True, False]

    def test_what_is_new_is_handed_over_once(self) -> None:
        log = DecisionLog([_entry(1, b"a")])
        log.add(_entry(2, b"b"))
        log.add(_entry(2, b"b"))
        assert ([entry.step for entry in log.fresh()], log.fresh()) == ([2], [])


class TestActs:
    def test_acts_count_in_their_step_in_their_order_and_the_past_stays(self) -> None:
        log = InterventionLog()
        for act in (
            Intervention(2, "message", "7", "Run!", "alice"),
            Intervention(2, "parameter", "threshold", 0.5, "alice"),
            Intervention(4, "seat", "7", True, "alice"),
        ):
            log.add(act)
        assert [act.target for act in log.at(2)] == ["7", "threshold"]
        assert [act.step for act in log.until(3)] == [2, 2]
        with pytest.raises(ValueError, match="Step 3 is over"):
            log.add(Intervention(3, "event", "demand", 8))


def _record() -> Record:
    acts = InterventionLog([Intervention(1, "event", "demand", 8.5, "alice")])
    log = DecisionLog([_entry(1, b"\x01" * 16), _entry(2, b"\x02" * 16, lasting=False)])
    return Record({"scenario": "blake2b:x", "seed": 7}, log, acts, {0: "aa", 1: "bb"})


class TestLines:
    def test_a_record_is_the_same_after_it_was_written_and_read(self) -> None:
        again = read_lines(write_lines(_record()))
        assert (again.origin, list(again.decisions), list(again.interventions), again.digests) == (
            _record().origin,
            list(_record().decisions),
            list(_record().interventions),
            {0: "aa", 1: "bb"},
        )

    @pytest.mark.parametrize(
        ("number", "line", "said"),
        [
            (0, b'{"format": "other"}', "Line 1 must say"),
            (1, b"nonsense", "Line 2 is not a JSON object"),
            (1, b'{"is": "wish"}', "Line 2 is neither"),
            (2, b'{"is": "decision", "step": 1}', "Line 3 cannot be read"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named(self, number: int, line: bytes, said: str) -> None:
        lines = list(write_lines(_record()))
        lines[number] = line
        with pytest.raises(RecordRefused, match=said):
            read_lines(lines)


class Drifting:
    """A play of one column whose numbers depend on `wrong`: at that step agent 2 goes another way."""

    def __init__(self, wrong: int | None = None) -> None:
        self.wrong = wrong
        self.step_number = 0
        self.is_finished = False
        self.columns: dict[str, Any] = {"place": np.arange(4), "mood": np.zeros(4)}

    @property
    def digest(self) -> str:
        return str(self.columns["place"].sum() * 100 + self.columns["mood"].sum())

    async def step(self) -> None:
        self.step_number += 1
        self.columns = {**self.columns, "place": self.columns["place"] + random.Random(self.step_number).randrange(9)}
        if self.step_number == self.wrong:
            self.columns["mood"] = np.array([0.0, 0.0, 1.5, 1.5])


async def _digests(steps: int) -> dict[int, str]:
    play = Drifting()
    found = {0: play.digest}
    for _ in range(steps):
        await play.step()
        found[play.step_number] = play.digest
    return found


class TestReplay:
    async def test_equal_steps_are_equal(self) -> None:
        play = Drifting()
        assert await Replay(play, await _digests(5)).run() is None
        assert play.step_number == 5

    async def test_the_first_step_that_differs_ends_it(self) -> None:
        play = Drifting(wrong=3)
        mismatch = await Replay(play, await _digests(5)).run()
        assert mismatch is not None
        assert (mismatch.step, play.step_number, mismatch.row) == (3, 3, None)
        assert mismatch.sentence.startswith("Step 3 came to another state than the recorded play")

    async def test_with_the_recorded_columns_the_agent_and_the_field_are_named(self) -> None:
        def recorded(step: int) -> dict[str, Any]:
            return {"mood": np.zeros(4)}

        mismatch = await Replay(Drifting(wrong=3), await _digests(5), recorded).run()
        assert mismatch == Mismatch(3, "0.0", "1.5", 2, "mood")
        assert mismatch.sentence == "In step 3, mood of agent 2 is 1.5; in the recorded play it was 0.0."

    def test_an_agent_too_many_is_a_difference(self) -> None:
        found = first_difference(1, {"place": np.arange(3)}, {"place": np.arange(4)})
        assert found == Mismatch(1, "absent", "3", 3, "place")
        assert first_difference(1, {"x": np.array([np.nan])}, {"x": np.array([np.nan])}) is None

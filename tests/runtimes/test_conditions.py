"""Conditions: what may stand in one, what it means, and that nothing of it is Python."""

from typing import Any

import pytest

from agents.runtimes.conditions import ConditionInvalid, parse, tasks_in
from agents.runtimes.outcome import RuntimeEvent, StepOutput
from agents.runtimes.spec import InputSpec
from tests.runtimes.stage import PARTS, Host, agent, asked_for, crew, model_at, play, task
from tests.servers.llm import FakeLLM, Say, Seen

SCOPE: dict[str, dict[str, Any]] = {
    "outputs": {
        "check": {"text": "Yes, it is.", "urgent": True, "score": 3, "skipped": False, "data": {"text": "inner"}},
        "fact check": {"text": ""},
    },
    "inputs": {"mode": "thorough"},
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("outputs.check.urgent == true", True),
        ("outputs.check.urgent == 1", False),
        ("outputs.check.urgent != false", True),
        ('"yes" in outputs.check.text', False),
        ('"yes" in lower(outputs.check.text)', True),
        ('"no" not in outputs.check.text', True),
        ("outputs.check.score >= 3 and not outputs.check.skipped", True),
        ("outputs.check.score > 3 or inputs.mode == 'quick'", False),
        ("outputs.check.score == -3", False),
        ('inputs.mode in ["quick", "thorough"]', True),
        ('outputs["fact check"].text == ""', True),
        ('len(outputs["fact check"].text) == 0', True),
        ("outputs.check.data.text == 'inner'", True),
        ("outputs.check.missing == null", True),
        ("outputs.check.missing > 3", False),
        ("outputs.check.score < 'x'", False),
        ("outputs.check.__class__ == null", True),
    ],
)
def test_what_a_condition_means(text: str, *, holds: bool) -> None:
    assert parse(text).holds(SCOPE) is holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("true", "at least one output or input"),
        ("outputs.check", "Say what of “check” is meant"),
        ("check.text == 'x'", "means nothing here"),
        ("text", "“text” means nothing here"),
        ("outputs.check.score is 3", "use == and !="),
        ("1 < outputs.check.score < 3", "two things at a time"),
        ("outputs.check.text + 'a' == 'b'", "is not allowed"),
        ("outputs.check.text.upper()", "there are lower(…) and len(…)"),
        ("__import__('os').system('x')", "there are lower(…) and len(…)"),
        ("[x for x in outputs.check.text]", "is not allowed"),
        ("(lambda: outputs.check.text)()", "there are lower(…) and len(…)"),
        ("outputs[inputs.mode].text", "is not allowed"),
        ("outputs.check.text == b'x'", "is not allowed"),
        ("-outputs.check.score == 3", "is not allowed"),
        ("outputs.check.text ==", "This is not a condition"),
        ("(" * 200, "This is not a condition"),
        ("outputs.check.text == '" + "x" * 500 + "'", "at most 500 characters"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConditionInvalid) as refusal:
        parse(text)
    assert said in str(refusal.value)


def test_the_names_that_it_reads() -> None:
    condition = parse('outputs.a.x == 1 and outputs["b c"].text == inputs.mode and outputs.a.y == 2')
    assert (condition.tasks, condition.inputs) == (("a", "b c"), ("mode",))
    assert tasks_in("outputs.") == ()


def test_a_task_whose_condition_does_not_hold_is_skipped_and_says_why() -> None:
    def script(seen: Seen) -> Say:
        return Say('{"n": 1}') if asked_for(seen) == "count" else Say(f"Did {asked_for(seen)}.")

    spec = crew(
        agent("one"),
        task("count", "one", output_schema=PARTS),
        task("many", "one", condition="outputs.count.n > 1"),
        task("few", "one", condition="outputs.many.skipped and inputs.mode == 'all'"),
        task("end", "one"),
        inputs=(InputSpec(name="mode"),),
    )
    with FakeLLM(script) as server:
        host = Host()
        result = play(spec, {"mode": "all"}, complete=model_at(server), tools={}, hooks=host)
        prompt = server.ledger()[-1].messages[-1]["content"]
    assert [step.task for step in result.steps] == ["count", "few", "end"]
    assert (result.output, result.stop_reason, result.skipped) == ("Did end.", "completed", ("many",))
    assert [event for event in host.events if event.task == "many"] == [
        RuntimeEvent(
            "task.skipped",
            "many",
            "one",
            {"reason": "Its condition does not hold: outputs.count.n > 1 (outputs.count.n is 1)."},
        )
    ]
    assert '{"n":1}\n\n----------\n\nDid few.' in prompt


def test_a_crew_that_ends_with_a_skipped_task_gives_the_output_before_it() -> None:
    spec = crew(agent("one"), task("t1", "one"), task("t2", "one", condition="outputs.t1.text == ''"))
    with FakeLLM(["First."]) as server:
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
    assert (result.output, result.skipped) == ("First.", ("t2",))


def test_a_condition_is_told_again_from_what_was_done() -> None:
    spec = crew(agent("one"), task("t1", "one"), task("t2", "one", condition="outputs.t1.text == 'Old.'"))
    with FakeLLM(["New."]) as server:
        done = {"t1": StepOutput("Old.")}
        result = play(spec, {}, complete=model_at(server), tools={}, hooks=Host(), done=done)
    assert (result.output, result.skipped) == ("New.", ())

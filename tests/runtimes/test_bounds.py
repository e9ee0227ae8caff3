"""What a task asks for itself: a model, a length, limits, and an answer that passes checks without a model."""

import time
from typing import Any

import pytest

from agents.llm.types import OnText, Reply, Request
from agents.runtimes.crew import warm_up
from agents.runtimes.outcome import CallId, CrewFailed, CrewResult
from agents.runtimes.rules import LINE, misses
from agents.runtimes.spec import ChecksSpec
from tests.runtimes.stage import Host, adder, agent, crew, model_at, play, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

TOOLS = {"add": adder()}


@pytest.fixture(scope="module", autouse=True)
def _crewai_is_loaded() -> None:
    """Its import takes seconds, which must not be measured."""
    warm_up()


def endless(seen: Seen) -> Say:
    return Say(calls=[Call("add", {"a": seen.number, "b": 1})], usage=(40, 10))


def failed(server: FakeLLM, spec: Any) -> CrewFailed:
    with pytest.raises(CrewFailed) as failure:
        play(spec, {}, complete=model_at(server), tools=TOOLS, hooks=Host())
    return failure.value


def test_a_task_s_own_model_and_manner_go_before_the_agent_s() -> None:
    one = agent("one", llm="small", temperature=0.5, max_tokens=100)
    own = {"llm": "large", "temperature": 0.0, "max_tokens": 50}
    with FakeLLM() as server:
        spec = crew(one, task("t1", "one"), task("t2", "one", **own))
        play(spec, {}, complete=model_at(server), tools={}, hooks=Host())
        bodies = [seen.body for seen in server.ledger()]
    assert [(body["model"], body["temperature"], body["max_tokens"]) for body in bodies] == [
        ("small", 0.5, 100),
        ("large", 0.0, 50),
    ]


@pytest.mark.parametrize(
    ("limits", "calls", "words"),
    [
        ({"model_calls": 3}, 3, "“t1” may use 3 model calls, and it has used 3; more needs a higher limit."),
        ({"tokens": 90}, 2, "“t1” may use 90 tokens, and it has used 100; more needs a higher limit."),
    ],
)
def test_a_task_stops_at_its_limit(limits: dict[str, int], calls: int, words: str) -> None:
    with FakeLLM(endless) as server:
        failure = failed(server, crew(agent("one", tools=("add",)), task("t1", "one", limits=limits)))
        assert len(server.ledger()) == calls
    assert (failure.code, failure.task, failure.detail) == ("task_limit", "t1", words)


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ({"limits": {"seconds": 1}}, "“t1” was stopped after 1 second, the most that it may take."),
        ({}, "The agent “one” was stopped after 1 second, the most that it may take."),
    ],
)
def test_a_call_that_takes_too_long_is_stopped_within(bound: dict[str, Any], words: str) -> None:
    with FakeLLM(latency=30) as server:
        started = time.monotonic()
        spec = crew(agent("one", max_seconds=0 if bound else 1), task("t1", "one", **bound))
        failure = failed(server, spec)
    assert time.monotonic() - started < 25  # the model would have taken thirty
    assert (failure.code, failure.detail) == ("task_time", words)


def test_a_time_out_of_the_host_s_own_is_not_called_the_task_s_limit() -> None:
    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        raise TimeoutError("no database")

    with pytest.raises(TimeoutError, match="no database"):
        play(
            crew(agent("one", max_seconds=60), task("t1", "one", limits={"seconds": 60})),
            {},
            complete=complete,
            tools={},
            hooks=Host(),
        )


def test_one_task_s_limit_does_not_touch_the_next() -> None:
    with FakeLLM() as server:
        tasks = [task(name, "one", limits={"model_calls": 1}) for name in ("t1", "t2", "t3")]
        result = play(crew(agent("one"), *tasks), {}, complete=model_at(server), tools={}, hooks=Host())
    assert (len(result.steps), result.stop_reason) == (3, "completed")


@pytest.mark.parametrize(
    ("checks", "text", "said"),
    [
        ({"min_words": 3}, "Two words.", ["Its length in words is 2; at least 3 are asked for."]),
        ({"min_words": 3}, "Just three words.", []),
        ({"max_words": 2}, "Just three words.", ["Its length in words is 3; at most 2 are allowed."]),
        (
            {"must_cite": True},
            "It is 18.4 [1].",
            ["It cites nothing: name the source of each claim, as in [study.pdf, p. 2]."],
        ),
        ({"must_cite": True}, "“18.4” [harbour-study.pdf, p. 2]", []),
        ({"must_match": r"^## \w+"}, "Text\n## Summary", []),
        ({"must_match": r"^## \w+"}, "Text ## Summary", [r"Nothing in it matches ^## \w+"]),
        ({"must_match": "^Sources:"}, "word " * 50_000 + "\nSources: none", []),
        ({"must_match": r"\bend\b"}, "word " * 50_000 + "end", []),
        ({"must_match": r"^word end"}, "word " * 50_000 + "end", ["Nothing in it matches ^word end"]),
        (
            {"min_words": 2, "must_cite": True},
            "No",
            [
                "Its length in words is 1; at least 2 are asked for.",
                "It cites nothing: name the source of each claim, as in [study.pdf, p. 2].",
            ],
        ),
    ],
)
def test_what_an_answer_lacks(checks: dict[str, Any], text: str, said: list[str]) -> None:
    assert misses(ChecksSpec(**checks), text) == said


@pytest.mark.parametrize("pattern", [r"(a|b)+c", r"a*b", r"\w{1,40}@\w{1,40}", r"https?://\S+x", r"(?i)a?a?a?\w+!"])
def test_no_pattern_that_is_allowed_holds_up_a_worker(pattern: str) -> None:
    started = time.process_time()
    assert misses(ChecksSpec(must_match=pattern), "\n".join(["a" * LINE] * 50)) != []
    assert time.process_time() - started < 2


def guarded(script: list[str], **more: Any) -> tuple[CrewResult, Host, list[Seen]]:
    host = Host()
    with FakeLLM(script) as server:
        spec = crew(agent("one"), task("t1", "one", **more))
        return play(spec, {}, complete=model_at(server), tools={}, hooks=host), host, server.ledger()


def test_an_answer_that_misses_a_check_is_sent_back_without_asking_a_model() -> None:
    result, host, asked = guarded(["Short.", "Long enough now."], checks={"min_words": 3})
    assert (result.output, len(asked)) == ("Long enough now.", 2)
    assert (
        "### Previous attempt failed validation: Its length in words is 1; at least 3"
        in asked[1].messages[-1]["content"]
    )
    assert [event.kind for event in host.events if event.kind.startswith("guardrail")] == [
        "guardrail.failed",
        "guardrail.passed",
    ]


def test_checks_come_before_the_judge() -> None:
    passed = '{"valid": true, "feedback": ""}'
    script = ["Short.", "Long enough now.", passed]
    result, _, asked = guarded(script, checks={"min_words": 3}, guardrail="Be long.")
    assert (result.output, len(asked)) == ("Long enough now.", 3)


def test_a_check_that_is_never_met_fails_the_run() -> None:
    with pytest.raises(CrewFailed) as failure:
        guarded(["a", "b", "c"], checks={"min_words": 3}, guardrail_max_retries=0)
    assert failure.value.code == "guardrail"
    assert failure.value.detail == (
        "“t1” did not pass its guardrail in 1 attempt: Its length in words is 1; at least 3 are asked for."
    )

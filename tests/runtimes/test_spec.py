"""The specification as data, and what is said about one that cannot run."""

import json

import pytest

from agents.crewfiles.importing import read_crew
from agents.runtimes.checks import check, check_inputs
from agents.runtimes.spec import AgentSpec, ChecksSpec, CrewSpec, InputSpec, SpecInvalid, TaskSpec
from tests.crewfiles.samples import NAMES, TOOLS, sample
from tests.runtimes.stage import agent, crew, relay, task


def problems(*parts: AgentSpec | TaskSpec, **more: object) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in check(crew(*parts, **more), tools={"add"})]


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_survives_json(name: str) -> None:
    spec = read_crew(*sample(name), name=name, tools=TOOLS).spec
    assert CrewSpec.from_snapshot(json.loads(json.dumps(spec.to_snapshot()))) == spec


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"format": "crew/9"}, "format"),
        ({"output_file": "/etc/passwd"}, "output_file"),
        ({"process": "chaotic"}, "process"),
        ({"tasks": [{"name": "t"}]}, "tasks.0.description"),
        ({"agents": [{"name": "a", "role": "r", "goal": "g", "mcps": ["x"]}]}, "agents.0.mcps"),
    ],
)
def test_a_snapshot_that_is_not_a_crew(change: dict[str, object], path: str) -> None:
    with pytest.raises(SpecInvalid) as refusal:
        CrewSpec.from_snapshot({**relay().to_snapshot(), **change})
    assert refusal.value.path == path


def test_a_crew_that_can_run() -> None:
    assert problems(agent("a", tools=("add",)), task("t", "a")) == []


def test_nothing_in_it() -> None:
    assert problems() == [("tasks", "empty"), ("agents", "empty")]


def test_names() -> None:
    assert problems(agent("a"), agent("a"), task("t", "a"), task("t", "a")) == [
        ("agents.a", "duplicate"),
        ("tasks.t", "duplicate"),
    ]
    assert problems(agent("a/b"), task("", "a/b")) == [("agents.a/b", "bad_name"), ("tasks.", "bad_name")]


def test_texts() -> None:
    long, empty = agent("a", goal="x" * 100_001), task("t", "a", description="  ")
    assert problems(long, empty) == [("agents.a.goal", "too_long"), ("tasks.t.description", "empty")]
    assert problems(agent("a"), task("t", "a", description="Do {it}.")) == [("tasks.t.description", "undeclared_input")]
    assert problems(agent("a"), task("t", "a", description="Do {it}."), inputs=(InputSpec(name="it"),)) == []


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d"])
def test_characters_that_cannot_be_kept(text: str) -> None:
    assert problems(agent("a", backstory=text), task("t", "a")) == [("agents.a", "bad_character")]
    schema = {"type": "object", "title": text}
    assert problems(agent("a"), task("t", "a", output_schema=schema)) == [("tasks.t", "bad_character")]


def nested(depth: int) -> dict[str, object]:
    return {"type": "object", "properties": {"a": nested(depth - 1)}} if depth else {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"type": "object", "properties": {"pattern": {"type": "string"}}}, None),
        ({"type": "object", "properties": {"a": {"pattern": "(a+)+$"}}}, "pattern"),
        ({"type": "object", "patternProperties": {"(a+)+$": {}}}, "pattern"),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, "remote_reference"),
        ({"type": "object", "description": "x" * 50_000}, "too_long"),
        ({"type": "object", "maximum": 10**30}, "too_long"),
        (nested(300), "too_long"),
    ],
)
def test_output_schemas(schema: dict[str, object], code: str | None) -> None:
    expected = [("tasks.t.output_schema", code)] if code else []
    assert problems(agent("a"), task("t", "a", output_schema=schema)) == expected


def test_agents_and_tools() -> None:
    assert problems(agent("a", tools=("hammer",), max_iter=0), task("t", "b", tools=("saw",)), task("u")) == [
        ("agents.a.tools", "unknown_tool"),
        ("agents.a.max_iter", "out_of_range"),
        ("tasks.t.tools", "unknown_tool"),
        ("tasks.t.agent", "unknown_agent"),
        ("tasks.u.agent", "missing"),
    ]


def test_context() -> None:
    assert problems(
        agent("a"),
        task("one", "a", context=("nowhere", "two")),
        task("two", "a", context=("three",)),
        task("three", "a", context=("two",)),
        task("four", "a", context=("four",)),
    ) == [
        ("tasks.one.context", "unknown_task"),
        ("tasks.one.context", "later_task"),
        ("tasks.two.context", "cycle"),
        ("tasks.three.context", "cycle"),
        ("tasks.four.context", "cycle"),
    ]


def test_tasks_beside_each_other() -> None:
    beside = {"async_execution": True}
    assert problems(agent("a"), task("t", "a", **beside), task("u", "a", **beside)) == [
        ("tasks.u.async_execution", "async_end")
    ]
    boss = agent("a", allow_delegation=True)
    assert problems(boss, task("t", "a", **beside), task("u", "a", context=("t",), **beside), task("v", "a")) == [
        ("tasks.u.context", "async_context"),
        ("tasks.t.async_execution", "async_delegation"),
        ("tasks.u.async_execution", "async_delegation"),
    ]
    assert problems(agent("a"), task("t", "a", **beside), task("u", "a"), process="parallel") == [
        ("tasks.t.async_execution", "async_parallel")
    ]


def test_managers() -> None:
    hierarchical = {"process": "hierarchical"}
    assert problems(agent("a"), task("t"), **hierarchical) == []
    assert problems(agent("a"), task("t"), manager="b", **hierarchical) == [("manager", "unknown_agent")]
    assert problems(agent("a"), task("t"), manager="a", **hierarchical) == [("manager", "alone")]
    tooled = agent("b", tools=("add",))
    assert problems(agent("a"), tooled, task("t"), manager="b", **hierarchical) == [("manager", "manager_tools")]


def test_what_a_person_is_asked() -> None:
    asks = (InputSpec(name="budget"),)
    assert problems(agent("a"), task("t", "a", human_input=True, description="Do {budget}.", ask_input=asks)) == []
    assert problems(
        agent("a", tools=("add",)),
        task("t", "a", ask_input=(*asks, *asks, InputSpec(name="a b"), InputSpec(name="who"))),
        task("u", "a", ask_before_tools=("add", "saw")),
        inputs=(InputSpec(name="who"),),
    ) == [
        ("tasks.t.ask_input", "duplicate"),
        ("tasks.t.ask_input", "bad_name"),
        ("tasks.t.ask_input", "duplicate"),
        ("tasks.u.ask_before_tools", "unknown_tool"),
    ]


def test_a_snapshot_of_before_there_were_conditions_and_questions_is_still_read() -> None:
    old = {
        "format": "crew/1",
        "name": "crew",
        "agents": [
            {"name": "a", "role": "r", "goal": "g", "backstory": "", "llm": "", "temperature": 0.0, "tools": []}
        ],
        "tasks": [{"name": "t", "description": "Do.", "expected_output": "Text.", "agent": "a", "human_input": False}],
        "inputs": [],
        "process": "sequential",
        "manager": "",
        "manager_llm": "",
        "limits": {"seconds": 0, "model_calls": 5, "tokens": 0, "usd": 0.0},
    }
    spec = CrewSpec.from_snapshot(old)
    assert (spec.limits.model_calls, spec.max_parallel, spec.tasks[0].condition) == (5, 8, "")
    assert spec.tasks[0].checks == ChecksSpec()


def test_conditions() -> None:
    def told(condition: str) -> list[tuple[str, str]]:
        first, last = task("one", "a"), task("three", "a")
        return problems(agent("a"), first, task("two", "a", condition=condition), last, inputs=(InputSpec(name="x"),))

    assert told("outputs.one.urgent == true and inputs.x != ''") == []
    assert told("outputs.one.__class__()") == [("tasks.two.condition", "bad_condition")]
    assert told("outputs.none.text == ''") == [("tasks.two.condition", "unknown_task")]
    assert told("outputs.three.text == ''") == [("tasks.two.condition", "later_task")]
    assert told("outputs.two.text == ''") == [("tasks.two.condition", "cycle")]
    assert told("inputs.y == ''") == [("tasks.two.condition", "undeclared_input")]


@pytest.mark.parametrize(
    ("checks", "found"),
    [
        ({"min_words": 3, "must_match": r"^INV-\d{4,8}(/\d+)?$"}, []),
        ({"min_words": 3, "max_words": 2}, [("tasks.t.checks.max_words", "out_of_range")]),
        ({"must_match": "(a+)+$"}, [("tasks.t.checks.must_match", "bad_pattern")]),
        ({"must_match": r"(?=a)b"}, [("tasks.t.checks.must_match", "bad_pattern")]),
        ({"must_match": "("}, [("tasks.t.checks.must_match", "bad_pattern")]),
        ({"must_match": "a" * 201}, [("tasks.t.checks.must_match", "bad_pattern")]),
    ],
)
def test_checks_without_a_model(checks: dict[str, object], found: list[tuple[str, str]]) -> None:
    assert problems(agent("a"), task("t", "a", checks=checks)) == found


def test_inputs() -> None:
    spec = crew(agent("a"), task("t", "a"), inputs=(InputSpec(name="x"), InputSpec(name="y", default="d")))
    assert check_inputs(spec, {"x": "1"}) == []
    assert [problem.detail for problem in check_inputs(spec, {"z": "1", "y": "x" * 100_001})] == [
        "Give a value for “x”.",
        "This crew has no input “z”.",
        "This text has 100,001 bytes; at most 100,000 are allowed. Put long material into a document.",
    ]

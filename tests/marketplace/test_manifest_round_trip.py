"""Whatever the builder can make goes to a manifest, to YAML, to the API's JSON and back into a workspace, and is the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agents import services
from agents.definitions import spec_of
from agents.queries import whole_crew
from agents.runtimes.checks import check
from agents.runtimes.spec import (
    AgentSpec,
    ChecksSpec,
    CrewSpec,
    InputSpec,
    LimitsSpec,
    TaskSpec,
    WaitingSpec,
)
from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.envelope import AgentManifest, CrewManifest
from marketplace.manifest.from_workspace import About, Play, manifest_of_agent, manifest_of_crew, manifest_of_scenario
from marketplace.manifest.reading import read_json, read_yaml
from marketplace.manifest.to_workspace import agent_spec, crew_spec
from marketplace.manifest.writing import write_yaml
from tenants.access import Member
from tenants.models import Tenant

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t\r"), max_size=60)
PLAIN = WORDS.filter(lambda text: "{" not in text)
SAID = PLAIN.filter(lambda text: bool(text.strip()))
NAME = st.from_regex(r"[\w][\w \-]{0,12}", fullmatch=True)
INPUT = st.from_regex(r"[A-Za-z_][A-Za-z0-9_\-]{0,12}", fullmatch=True)
TOOL = st.sampled_from(["search_knowledge", "calculator", "write_file", "ask_agent", "http_request", "mcp:notes/find"])
TOOLS = st.lists(TOOL, max_size=3, unique=True).map(tuple)
MODEL = st.sampled_from(["", "openai/gpt-5", "ollama/llama3:8b"])
SMALL = st.integers(0, 5_000)
TEMPERATURE = st.floats(0, 2, allow_nan=False)
SCHEMA = st.none() | st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(NAME, st.fixed_dictionaries({"type": st.just("string"), "description": PLAIN}), max_size=3)}
)  # fmt: skip
LIMITS = st.builds(LimitsSpec, seconds=st.integers(0, 86_400), model_calls=SMALL, tokens=SMALL, usd=st.floats(0, 1_000))


def agents(name: str) -> st.SearchStrategy[AgentSpec]:
    return st.builds(
        AgentSpec, name=st.just(name), role=SAID, goal=SAID, backstory=PLAIN, llm=MODEL, temperature=TEMPERATURE, max_tokens=SMALL,
        tools=TOOLS, max_iter=st.integers(1, 100), max_seconds=SMALL, allow_delegation=st.booleans(), library=st.sampled_from(["", "critic"]),
    )  # fmt: skip


def tasks(name: str, members: list[str], earlier: list[str], inputs: list[str]) -> st.SearchStrategy[TaskSpec]:
    conditions = [f'outputs["{task}"].text != "x"' for task in earlier] + [
        f'inputs["{given}"] == "y"' for given in inputs
    ]
    described = st.tuples(SAID, st.sampled_from([f"{{{given}}}" for given in inputs] or ["."])).map(" ".join)
    return st.builds(
        TaskSpec, name=st.just(name), description=described, expected_output=SAID, agent=st.sampled_from(members),
        context=st.none() | st.lists(st.sampled_from(earlier or [""]), max_size=2, unique=True).map(lambda c: tuple(filter(None, c))),
        condition=st.sampled_from(["", *conditions]), tools=TOOLS, on_failure=st.sampled_from(["stop", "continue"]), markdown=st.booleans(),
        ask_input=st.lists(st.builds(InputSpec, name=st.just(f"asked_{len(earlier)}"), description=PLAIN, default=st.none() | PLAIN), max_size=1).map(tuple),
        human_input=st.booleans(), waiting=st.builds(WaitingSpec, seconds=SMALL, at_deadline=st.sampled_from(["fail", "approve"]), default=PLAIN),
        guardrail=PLAIN, guardrail_max_retries=st.integers(0, 10), checks=st.builds(ChecksSpec, min_words=st.integers(0, 9), must_cite=st.booleans(), must_match=st.sampled_from(["", r"^\d{4}$"])),
        output_schema=SCHEMA, output_name=PLAIN.filter(lambda text: len(text) < 40), output_kind=st.sampled_from(["json", "pydantic"]), llm=MODEL,
        temperature=st.none() | TEMPERATURE, max_tokens=SMALL, limits=LIMITS,
    )  # fmt: skip


@st.composite
def crews(draw: st.DrawFn) -> CrewSpec:
    """A crew that the builder would keep."""
    members = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    jobs = draw(
        st.lists(NAME.filter(lambda name: name not in {"router", "finish"}), min_size=1, max_size=3, unique=True)
    )
    inputs = draw(st.lists(INPUT.filter(lambda name: not name.startswith("asked_")), max_size=3, unique=True))
    spec = CrewSpec(
        name=draw(st.sampled_from(["Crew", "Команда 7", "crew: with – marks"])),
        agents=tuple(draw(agents(name)) for name in members),
        tasks=tuple(draw(tasks(name, members, jobs[:number], inputs)) for number, name in enumerate(jobs)),
        inputs=tuple(draw(st.builds(InputSpec, name=st.just(name), description=PLAIN, default=st.none() | PLAIN)) for name in inputs),
        process=draw(st.sampled_from(["sequential", "hierarchical", "parallel", "adaptive"])),
        manager_llm=draw(MODEL),
        max_parallel=draw(st.integers(1, 50)),
        max_rounds=draw(st.integers(1, 100)),
        limits=draw(LIMITS),
    )  # fmt: skip
    used = [tool for agent in spec.agents for tool in agent.tools]
    if used:
        first = spec.tasks[0].model_copy(update={"ask_before_tools": (used[0],)})
        spec = spec.model_copy(update={"tasks": (first, *spec.tasks[1:])})
    assume(not check(spec, tools=EVERY))
    return spec


class _Every:
    def __contains__(self, name: object) -> bool:
        return True


EVERY: Any = _Every()
DISCLOSURE = {
    "data_goes_to": "The workspace’s model.",
    "personal_data": "None.",
    "known_limits": ["It knows little."],
    "human_oversight": "Read the answer.",
}


def about(title: str) -> About:
    metadata = {
        "namespace": "acme", "name": "crew", "version": "1.0.0", "title": title, "summary": "Does something.", "description": "Does it.",
        "license": "MIT", "categories": ["other"],
    }  # fmt: skip
    return About(metadata=metadata, disclosure=DISCLOSURE)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(crews())
def test_a_crew_comes_back_as_it_went(spec: CrewSpec) -> None:
    made = manifest_of_crew(spec, about(spec.name))
    stored = json.loads(json.dumps(as_document(made), sort_keys=True))  # a JSON column keeps no order
    for manifest in (made, read_yaml(write_yaml(made)), read_json(stored)):
        assert isinstance(manifest, CrewManifest)
        assert crew_spec(manifest) == spec
        assert digest(manifest) == digest(made)
        assert digest(manifest_of_crew(crew_spec(manifest), about(spec.name))) == digest(made)


@settings(max_examples=8)
@given(agents("Scout 1"))
def test_an_agent_comes_back_as_it_went(spec: AgentSpec) -> None:
    made = read_yaml(write_yaml(manifest_of_agent(spec, about("Scout"))))
    assert isinstance(made, AgentManifest)
    assert agent_spec(made) == spec


def test_a_crew_of_the_builder_is_the_same_after_the_market(in_acme: Tenant, alice_at_acme: Member) -> None:
    """Rows, manifest, YAML, rows: with every field that the builder has."""
    spec = _furnished()
    row = services.create_crew(spec=spec, by=alice_at_acme)
    kept = spec_of(whole_crew(row))
    made = read_yaml(write_yaml(manifest_of_crew(kept, about("Whole crew, again"))))
    assert isinstance(made, CrewManifest)
    installed = services.create_crew(spec=crew_spec(made), by=alice_at_acme)
    assert spec_of(whole_crew(installed)).model_copy(update={"name": kept.name}) == kept == spec


def test_no_field_of_the_runtime_is_left_out() -> None:
    """A field that is added to the runtime has to find its place in the manifest."""
    from marketplace.manifest import specs

    for ours, theirs, elsewhere in (
        (specs.AgentSpec, AgentSpec, set()),
        (specs.TaskSpec, TaskSpec, set()),
        (
            specs.CrewSpec,
            CrewSpec,
            {"name", "inputs", "limits", "trust_outside_content"},
        ),  # the last is for whoever runs it to say
        (specs.AskedInput, InputSpec, set()),
        (specs.Waiting, WaitingSpec, set()),
        (specs.Checks, ChecksSpec, set()),
        (specs.TaskLimits, LimitsSpec, set()),
    ):
        assert set(theirs.model_fields) - elsewhere == set(ours.model_fields), theirs


def test_a_scenario_keeps_its_defaults() -> None:
    play = Play(
        key="schelling", parameters={"size": 20, "density": 0.9}, policy="rule", steps=50, seed=None,
        presets=[{"name": "mild", "title": "Mild", "description": "", "parameters": {"threshold": 0.3}}],
    )  # fmt: skip
    spec = read_yaml(write_yaml(manifest_of_scenario(play, about("Town")))).spec.model_dump(mode="json")
    assert (spec["scenario"], spec["parameters"], spec["seed"], spec["steps"]) == (
        "schelling",
        play.parameters,
        None,
        50,
    )
    assert spec["presets"] == list(play.presets)


def test_a_listings_approvals_reach_every_task_that_may_use_the_tool() -> None:
    spec = _furnished()
    bare = tuple(task.model_copy(update={"ask_before_tools": ()}) for task in spec.tasks)
    told = About(**{**_fields(about("Crew")), "approvals": ["http_request"]})
    made = manifest_of_crew(spec.model_copy(update={"tasks": bare}), told)
    assert isinstance(made, CrewManifest)
    assert [task.ask_before_tools for task in crew_spec(made).tasks] == [("http_request",), ()]


def _fields(told: About) -> dict[str, Any]:
    return {name: getattr(told, name) for name in About.__dataclass_fields__}


def _furnished() -> CrewSpec:
    reader = AgentSpec(
        name="Reader 1",
        role="Reader\r\nof papers",
        goal="Read {topic}",
        tools=("http_request",),
        max_seconds=60,
        llm="openai/gpt-5",
    )
    writer = AgentSpec(
        name="writer",
        role="Writer",
        goal="Write",
        backstory="  ",
        max_tokens=500,
        allow_delegation=True,
        temperature=0.7,
    )
    first = TaskSpec(
        name="read", description="Read about {topic}, {more-of-it}.", expected_output="Notes", agent="Reader 1", context=(), tools=("calculator",),
        ask_before_tools=("http_request",), ask_input=(InputSpec(name="mood", description="How?", default="calm"),),
        on_failure="continue", human_input=True, waiting=WaitingSpec(seconds=90, at_deadline="default", default="Go on."), llm="ollama/llama3",
        limits=LimitsSpec(seconds=30, usd=0.25), temperature=0.1,
    )  # fmt: skip
    second = TaskSpec(
        name="write up", description="Write.", expected_output="A text", agent="writer", condition='outputs.read.text != ""', markdown=True,
        guardrail="It is true.", guardrail_max_retries=0, checks=ChecksSpec(min_words=3, must_cite=True, must_match="^#"),
        output_schema={"type": "object", "properties": {"a": {"type": "number", "minimum": 1.0}}}, output_name="Result", output_kind="pydantic",
    )  # fmt: skip
    inputs = (InputSpec(name="topic", description="What about"), InputSpec(name="more-of-it", default=""))
    return CrewSpec(
        name="Whole crew", agents=(reader, writer), tasks=(first, second), inputs=inputs, process="sequential", manager_llm="openai/gpt-5",
        max_parallel=3, max_rounds=4, limits=LimitsSpec(seconds=125, model_calls=9, tokens=99, usd=1.5),
    )  # fmt: skip

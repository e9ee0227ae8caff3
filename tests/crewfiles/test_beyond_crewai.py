"""crew.yaml: what CrewAI's two files cannot say is not lost on the way out and in."""

from __future__ import annotations

import pytest
import yaml
from pydantic import BaseModel

from agents.crewfiles.exporting import CrewFiles, write_crew
from agents.crewfiles.importing import read_crew
from agents.crewfiles.problems import CrewFilesInvalid
from agents.runtimes.spec import AgentSpec, ChecksSpec, CrewSpec, InputSpec, LimitsSpec, TaskSpec, WaitingSpec

TOOLS = ("calculator", "http_request")
FULL = CrewSpec(
    name="Full",
    process="adaptive",
    manager="boss",
    manager_llm="openai/gpt-4o",
    max_parallel=3,
    max_rounds=7,
    trust_outside_content=True,
    limits=LimitsSpec(usd=1.5, tokens=9_000),
    inputs=(InputSpec(name="topic", description="What about.", default="tides"),),
    agents=(
        AgentSpec(name="boss", role="Boss", goal="Lead.", backstory="Long."),
        AgentSpec(
            name="doer", role="Doer", goal="Do.", backstory="Short.", llm="ollama/qwen3", temperature=0.5, tools=TOOLS,
            max_tokens=900, max_iter=4, max_seconds=60, allow_delegation=True, library="teacher",
        ),
    ),
    tasks=(
        TaskSpec(name="first", description="Find {topic}.", expected_output="A list.", agent="doer"),
        TaskSpec(
            name="second", description="Write.", expected_output="A page.", agent="doer", context=("first",),
            condition="'tide' in outputs.first.text", tools=TOOLS, ask_before_tools=("http_request",),
            ask_input=(InputSpec(name="tone", default="dry"),), on_failure="continue", markdown=True,
            human_input=True, waiting=WaitingSpec(seconds=60, at_deadline="default", default="yes"), guardrail="Be short.",
            guardrail_max_retries=1, checks=ChecksSpec(min_words=3, must_cite=True),
            output_schema={"type": "object", "title": "Page"}, output_name="Other", output_kind="pydantic", llm="gpt-4o",
            temperature=0.0, max_tokens=400, limits=LimitsSpec(seconds=30, model_calls=5), sees_pictures=True,
        ),
    ),
)  # fmt: skip


def unchanged(part: BaseModel) -> set[str]:
    return {name for name, field in type(part).model_fields.items() if getattr(part, name) == field.default}


def read(files: CrewFiles) -> CrewSpec:
    return read_crew(files.agents, files.tasks, name="Full", tools=TOOLS, crew=files.crew).spec


def test_every_field_goes_out_and_comes_in() -> None:
    """A field that is new to the specification must be filled here, and then travels."""
    left = [unchanged(part) for part in (FULL, FULL.agents[1], FULL.tasks[1])]
    assert left == [set(), set(), {"async_execution"}], "which an adaptive crew decides itself"
    assert read(write_crew(FULL)) == FULL


def test_the_files_of_crewai_stay_crewai_s_and_say_nothing_twice() -> None:
    files = write_crew(FULL)
    crew, tasks = yaml.safe_load(files.crew), yaml.safe_load(files.tasks)
    assert set(crew) == {
        "process",
        "manager",
        "manager_llm",
        "max_parallel",
        "max_rounds",
        "trust_outside_content",
        "limits",
        "inputs",
        "agents",
        "tasks",
    }
    assert set(crew["tasks"]) == {"second"}
    assert set(crew["tasks"]["second"]) & set(tasks["second"]) == set()
    plain = FULL.model_copy(
        update={name: CrewSpec.model_fields[name].default for name in set(crew) - {"agents", "tasks"}}
    )
    plain = plain.model_copy(update={"agents": FULL.agents[:1], "tasks": FULL.tasks[:1]})
    assert write_crew(plain).crew == ""


@pytest.mark.parametrize(
    ("crew", "told"),
    [
        ("tasks:\n  thrid: {}\n", "crew.yaml, line 2, column 3: “thrid” does not stand in tasks.yaml."),
        ("tasks:\n  second:\n    agent: boss\n", "crew.yaml, line 3, column 5: “agent” stands in tasks.yaml. Change it there."),
        ("tasks:\n  second:\n    max_tokens: -1\n", "crew.yaml, line 3, column 17: “tasks.second.max_tokens”: Input should be greater than or equal to 0."),
        ("agents:\n  doer:\n    speed: 3\n", "crew.yaml, line 3, column 12: “speed” is not known. Remove this line."),
        ("name: Other\n", "crew.yaml, line 1, column 7: A crew is named where it is imported. Remove “name”."),
        ("agents: none\n", "crew.yaml, line 1, column 9: “agents” must have settings, one per line."),
        ("process: fast\n", "crew.yaml, line 1, column 10: “process”: Input should be 'sequential', 'hierarchical', 'parallel' or 'adaptive'."),
        ("tasks:\n  second:\n    ask_before_tools: [knife]\n", "crew.yaml, line 3, column 23: "),
        ("manager_llm: " + "x" * 201 + "\n", "crew.yaml, line 1, column 14: "),
        ("a: &x 1\n", "crew.yaml, line 1, column 4: Anchors and aliases (& and *) are not read here. Write the value out."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(crew: str, told: str) -> None:
    files = write_crew(FULL)
    with pytest.raises(CrewFilesInvalid) as refused:
        read_crew(files.agents, files.tasks, name="Full", tools=TOOLS, crew=crew)
    assert told in str(refused.value)

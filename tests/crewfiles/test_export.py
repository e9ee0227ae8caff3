import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agents.crewfiles.exporting import write_crew
from agents.crewfiles.importing import read_crew
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from tests.crewfiles.samples import NAMES, TOOLS, sample

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXT = st.text(CHARACTERS, min_size=1, max_size=200).filter(lambda text: bool(text.strip()) and "{" not in text)


@pytest.mark.parametrize("name", NAMES)
def test_reading_what_was_written_gives_the_same_crew(name: str) -> None:
    spec = read_crew(*sample(name), name=name, tools=TOOLS).spec
    files = write_crew(spec)
    assert read_crew(files.agents, files.tasks, name=name, tools=TOOLS).spec == spec


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_what_crewai_itself_reads(name: str) -> None:
    """CrewAI loads them with yaml.safe_load."""
    spec = read_crew(*sample(name), name=name, tools=TOOLS).spec
    tasks = yaml.safe_load(write_crew(spec).tasks)
    assert [task["description"] for task in tasks.values()] == [task.description for task in spec.tasks]
    assert [task["agent"] for task in tasks.values()] == [task.agent for task in spec.tasks]


def test_long_texts_stay_readable() -> None:
    spec = read_crew(*sample("support"), name="support", tools=TOOLS).spec
    assert write_crew(spec).tasks.startswith(
        "answer:\n  description: |\n    {customer} just reached out with this question:\n    {inquiry}\n\n    {person} from"
    )


@given(role=TEXT, description=TEXT)
def test_any_text_survives(role: str, description: str) -> None:
    spec = CrewSpec(
        name="c",
        agents=(AgentSpec(name="a", role=role, goal="g", backstory=""),),
        tasks=(TaskSpec(name="t", description=description, expected_output="x", agent="a", context=()),),
    )
    files = write_crew(spec)
    assert read_crew(files.agents, files.tasks, name="c", tools=()).spec == spec

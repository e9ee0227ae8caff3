"""What is wrong with a file is said with file, line, column and what to do."""

import pytest

from agents.crewfiles.importing import read_crew
from agents.crewfiles.problems import CrewFilesInvalid

AGENTS = """\
writer:
  role: Writer
  goal: Write
  backstory: You write.
"""
TASKS = """\
draft:
  description: Write it
  expected_output: Text
  agent: writer
"""


def refused(*, agents: str | bytes = AGENTS, tasks: str | bytes = TASKS) -> list[str]:
    with pytest.raises(CrewFilesInvalid) as refusal:
        read_crew(agents, tasks, name="crew", tools={"search_knowledge", "calculator"})
    return [str(problem) for problem in refusal.value.problems]


def test_broken_yaml() -> None:
    assert refused(tasks="draft:\n  description: [a, b\n  agent: writer\n") == [
        "tasks.yaml, line 3, column 8: This is not valid YAML: while parsing a flow sequence, expected ',' or ']', but got ':'."
    ]


def test_a_tab() -> None:
    assert refused(agents="writer:\n\trole: x\n")[0].startswith("agents.yaml, line 2, column 1: This is not valid YAML")


def test_a_duplicate_key() -> None:
    assert refused(tasks=TASKS + "  agent: other\n") == [
        "tasks.yaml, line 5, column 3: This key stands here twice. Remove or rename one."
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x {role: r}\nb: *x\n", "agents.yaml, line 1, column 4: Anchors and aliases"),
        ("a: !!python/object:os.system {}\n", "agents.yaml, line 1, column 4: Tags (!…) are not read here."),
        ("", "agents.yaml, line 1, column 1: agents.yaml is empty."),
        ("- one\n- two\n", "agents.yaml, line 1, column 1: agents.yaml must hold names with their settings"),
        ("just text", "agents.yaml, line 1, column 1: agents.yaml must hold names with their settings"),
        ("[" * 40 + "]" * 40, "agents.yaml, line 1, column 31: This file is nested too deeply"),
        ("a: b\n--- \nc: d\n", "agents.yaml, line 2, column 1: This is not valid YAML"),
        ("writer: Writer\n", "agents.yaml, line 1, column 9: “writer” must have settings, one per line."),
        ("x: \x00\n", "agents.yaml, line 1, column 1: This is not valid YAML."),
    ],
)
def test_what_is_not_read(text: str, problem: str) -> None:
    assert refused(agents=text)[0].startswith(problem)


def test_a_billion_laughs_never_unfold() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"k{i}: &k{i} [*a, *a]\n" for i in range(20))
    assert "Anchors and aliases" in refused(tasks=bomb)[0]


def test_a_file_over_one_megabyte() -> None:
    assert refused(agents="x: " + "y" * 1_000_000) == [
        "agents.yaml, line 1, column 1: agents.yaml has 1,000,003 bytes; at most 1,000,000 are read. Put long material into a document."
    ]


def test_bytes_that_are_not_utf8() -> None:
    assert refused(agents=b"writer:\n  role: caf\xe9\n") == [
        "agents.yaml, line 2, column 12: This is not UTF-8 text. Save the file as UTF-8."
    ]


def test_text_that_is_half_a_character() -> None:
    assert refused(agents="writer:\n  role: x \ud83d\n")[0].startswith(
        "agents.yaml, line 2, column 11: This is not UTF-8"
    )


def test_a_nul_behind_an_escape() -> None:
    assert refused(agents=AGENTS.replace("role: Writer", 'role: "Wri\\0ter"')) == [
        "agents.yaml, line 1, column 1: A text holds a NUL or half of a character. Remove it, for instance by typing the text anew."
    ]


def test_a_task_that_names_no_agent() -> None:
    assert refused(tasks=TASKS.replace("  agent: writer\n", "")) == [
        "tasks.yaml, line 1, column 1: Task “draft” names no agent. Say which agent does it."
    ]


def test_a_task_that_names_an_unknown_agent() -> None:
    assert refused(tasks=TASKS.replace("agent: writer", "agent: writter")) == [
        "tasks.yaml, line 4, column 10: Task “draft” names the agent “writter”, which this crew does not have. It has “writer”."
    ]


def test_tasks_that_wait_for_each_other() -> None:
    tasks = TASKS + "  context: [final]\n" + TASKS.replace("draft", "final") + "  context: [draft]\n"
    assert refused(tasks=tasks) == [
        "tasks.yaml, line 5, column 12: “draft” and “final” wait for each other. Remove one of the two.",
        "tasks.yaml, line 10, column 12: “final” and “draft” wait for each other. Remove one of the two.",
    ]


def test_a_context_on_a_later_task() -> None:
    tasks = TASKS + "  context: [final]\n" + TASKS.replace("draft", "final") + "  context: []\n"
    assert refused(tasks=tasks) == [
        "tasks.yaml, line 5, column 12: “draft” needs “final”, which comes later. Put “final” before it."
    ]


def test_tools_that_do_not_exist_here() -> None:
    agents = AGENTS + "  tools:\n    - SerperDevTool\n    - my_own_tool\n"
    assert refused(agents=agents) == [
        (
            "agents.yaml, line 6, column 7: SerperDevTool searches the web, and no tool here does that. Remove it. "
            "Tools here: calculator, search_knowledge."
        ),
        (
            "agents.yaml, line 7, column 7: There is no tool “my_own_tool” here. Remove it or choose another. "
            "Tools here: calculator, search_knowledge."
        ),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("allow_code_execution: true", "“allow_code_execution”: Agents here do not run code."),
        ("mcps: [stdio]", "“mcps”: MCP servers cannot be started from a file."),
        ("apps: [gmail]", "“apps”: Apps of the CrewAI platform do not exist here."),
        ("skills: ['@org/x']", "“skills”: Skills are not fetched from elsewhere."),
        ("from_repository: news", "“from_repository”: Agents are not fetched from CrewAI's repository."),
        ("gaol: x", "“gaol” is not a field that CrewAI knows. Did you mean “goal”?"),
        ("wibble: 1", "“wibble” is not a field that CrewAI knows. Remove it."),
    ],
)
def test_fields_that_are_refused(line: str, problem: str) -> None:
    assert refused(agents=AGENTS + f"  {line}\n")[0].startswith(f"agents.yaml, line 5, column 3: {problem}")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("max_iter: many", "“max_iter” must be a number."),
        ("max_iter: .inf", "“max_iter” must be a number."),
        ("max_iter: 2.5", "“max_iter” must be a whole number."),
        ("max_iter: 1000", "Set max_iter between 1 and 100."),
        ("temperature: 9", "Set the temperature between 0 and 2."),
        ("allow_delegation: maybe", "“allow_delegation” must be true or false."),
        ("llm: {model: x}", "“llm” must be text."),
        ("tools: {a: b}", "“tools” must be a list of names."),
        ("tools: [1]", "“tools” must be a list of names."),
    ],
)
def test_values_of_the_wrong_type(line: str, problem: str) -> None:
    column = len(line.partition(":")[0]) + 5
    assert refused(agents=AGENTS + f"  {line}\n") == [f"agents.yaml, line 5, column {column}: {problem}"]


def test_a_prompt_of_half_a_megabyte() -> None:
    assert refused(tasks=TASKS.replace("Write it", "x" * 500_000)) == [
        "tasks.yaml, line 2, column 16: This text has 500,000 bytes; at most 100,000 are allowed. Put long material into a document."
    ]


def test_an_empty_role_and_two_outputs_are_told_together() -> None:
    problems = refused(
        agents=AGENTS.replace("role: Writer", "role:"), tasks=TASKS + "  output_json: A\n  output_pydantic: B\n"
    )
    assert problems == ["tasks.yaml, line 6, column 20: Set output_json or output_pydantic, not both."]
    assert refused(agents=AGENTS.replace("role: Writer", "role:")) == ["agents.yaml, line 2, column 3: Write the role."]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ("{type: array}", "An output schema describes a JSON object: set its type to “object”."),
        ("{type: object, properties: 3}", "This is not a JSON Schema: 3 is not of type 'object'."),
        ("{type: object, $ref: 'http://x/y'}", "An output schema may only refer to its own parts (“#/…”)."),
    ],
)
def test_an_output_schema_that_is_none(schema: str, problem: str) -> None:
    assert refused(tasks=TASKS + f"  output_json: {schema}\n") == [f"tasks.yaml, line 5, column 16: {problem}"]

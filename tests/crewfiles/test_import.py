from agents.crewfiles.importing import Imported, read_crew
from agents.runtimes.spec import InputSpec
from tests.crewfiles.samples import TOOLS, sample


def read(name: str) -> Imported:
    agents, tasks = sample(name)
    return read_crew(agents, tasks, name=name, tools=TOOLS)


def notices(imported: Imported) -> list[str]:
    return [f"{notice.place}: {notice.detail}" for notice in imported.notices]


def test_the_project_that_crewai_creates_keeps_its_texts() -> None:
    spec = read("research").spec
    assert [agent.name for agent in spec.agents] == ["researcher", "reporting_analyst"]
    assert spec.agents[0].role == "{topic} Senior Data Researcher\n"
    assert spec.agents[1].llm == "openai/gpt-4o-mini"
    assert spec.tasks[0].description == (
        "Conduct a thorough research about {topic} Make sure you find any interesting and relevant information given "
        "the current year is {current_year}.\n"
    )
    assert spec.tasks[1].markdown
    assert spec.tasks[1].context is None


def test_placeholders_become_inputs_in_order_of_first_use() -> None:
    assert read("research").spec.inputs == (InputSpec(name="topic"), InputSpec(name="current_year"))
    assert [given.name for given in read("support").spec.inputs] == ["customer", "inquiry", "person"]


def test_json_in_a_text_is_not_a_placeholder() -> None:
    assert [given.name for given in read("newsletter").spec.inputs] == ["region"]


def test_an_output_file_is_not_written_and_says_so() -> None:
    assert notices(read("research")) == [
        (
            "tasks.yaml, line 18, column 3: “output_file” is left out: nothing is written to the server; the result is kept "
            "with the run, where it can be downloaded."
        )
    ]


def test_document_tools_become_knowledge_search() -> None:
    imported = read("newsletter")
    assert imported.spec.agent("scout").tools == ("search_knowledge",)
    assert imported.spec.task("economy").tools == ("search_knowledge",)
    assert notices(imported) == [
        "agents.yaml, line 10, column 9: PDFSearchTool() is replaced by search_knowledge, which searches the documents of the workspace.",
        "agents.yaml, line 11, column 9: TXTSearchTool is replaced by search_knowledge, which searches the documents of the workspace.",
        "agents.yaml, line 14, column 5: “max_rpm” is left out: the model gateway keeps the rate limits.",
        "agents.yaml, line 15, column 5: “memory” is left out: agents remember within a run only.",
        "tasks.yaml, line 12, column 13: DirectoryReadTool is replaced by search_knowledge, which searches the documents of the workspace.",
    ]


def test_fields_under_config_count() -> None:
    editor = read("newsletter").spec.agent("editor")
    assert (editor.role, editor.goal, editor.backstory) == (
        "Editor",
        "Cut it: nothing over 200 words",
        'It\'s your job to say "no".',
    )
    assert editor.allow_delegation


def test_parallel_tasks_with_a_join_and_an_inline_schema() -> None:
    spec = read("newsletter").spec
    assert [task.async_execution for task in spec.tasks] == [True, True, False]
    letter = spec.task("letter")
    assert letter.context == ("politics", "economy")
    assert letter.description == "Write the newsletter.\n  Keep this indentation."
    assert letter.guardrail == "The letter has at most 200 words."
    assert letter.guardrail_max_retries == 2
    assert letter.output_name == "Letter"
    assert letter.output_schema == {
        "title": "Letter",
        "type": "object",
        "properties": {"headline": {"type": "string"}, "words": {"type": "integer", "maximum": 200}},
        "required": ["headline", "words"],
    }


def test_what_python_held_is_left_out_aloud() -> None:
    imported = read("support")
    review = imported.spec.task("review")
    assert (review.context, review.output_name, review.output_schema) == (("answer",), "SupportAnswer", None)
    assert review.guardrail == ""
    assert review.human_input
    assert [(notice.place.line, notice.detail.split(":")[0]) for notice in imported.notices] == [
        (5, "“respect_context_window” is left out"),
        (18, "“SupportAnswer” is kept as a name"),
        (20, "“callback” is left out"),
        (21, "The guardrail “check_tone” is left out"),
    ]


def test_several_guardrails_become_one_rule() -> None:
    answer = read("support").spec.task("answer")
    assert answer.guardrail == "- Every claim is backed by a document.\n- No promise about a date."


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    agents, tasks = sample("support")
    imported = read_crew(b"\xef\xbb\xbf" + agents.encode(), tasks.encode(), name="support", tools=TOOLS)
    assert imported.spec.agents[0].backstory == "Sie arbeiten bei Müller & Söhne – „freundlich“, immer. 你好"

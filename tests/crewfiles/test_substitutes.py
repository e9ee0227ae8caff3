import pytest

from agents.crewfiles.tools import SUBSTITUTES, WITHOUT_SUBSTITUTE, Match, match
from agents.tools.house import TOOLS


def test_every_substitute_is_a_tool_of_this_house() -> None:
    assert set(SUBSTITUTES.values()) <= TOOLS.keys()
    assert not SUBSTITUTES.keys() & WITHOUT_SUBSTITUTE.keys()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (
            "ScrapeWebsiteTool()",
            Match(
                "fetch_web_page",
                "ScrapeWebsiteTool() is replaced by fetch_web_page, which reads one public page at a time.",
            ),
        ),
        (
            "file_writer_tool",
            Match(
                "write_file",
                "file_writer_tool is replaced by write_file, which writes files that can be downloaded from the run.",
            ),
        ),
        ("write_file", Match("write_file")),
    ],
)
def test_what_stands_for_crewais_tools(asked: str, found: Match) -> None:
    assert match(asked, TOOLS) == found


def test_code_has_no_substitute() -> None:
    assert match("CodeInterpreterTool", TOOLS).reason.startswith(
        "CodeInterpreterTool runs code, and no tool here does that."
    )

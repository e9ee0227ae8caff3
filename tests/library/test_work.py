"""Each agent of the library does its work, refuses what it cannot do, and says when no model was there."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

from agents.runtimes.outcome import CrewFailed
from tests.library.conftest import Stage, Tool, failing, search
from tests.servers.llm import Call, Say

READER: dict[str, Any] = {"inputs": {"reader": "board member"}}
TEAM: dict[str, Any] = {"inputs": {"team": "two developers"}}


class TestResearcher:
    async def test_answers_with_citations_that_hold(self, stage: Stage) -> None:
        tool = search()
        made = await stage.play(
            "researcher", "How much does it store?", tool,
            say=[{"queries": ["storage capacity"]}, 'It stores 18.4 MWh: "The station stores 18.4 MWh." [study.pdf, p. 2]'], **READER,
        )  # fmt: skip
        assert made.data is not None
        assert made.data["citations"] == [
            {"quote": "The station stores 18.4 MWh.", "document": "study.pdf", "place": "p. 2", "verified": True}
        ]
        assert [use["query"] for use in tool.used] == ["How much does it store?", "storage capacity"]
        assert made.notes == ()
        assert "reads for a board member" in stage.prompts()[1]
        assert (stage.step.model_calls, stage.step.tool_calls) == (2, 2)

    async def test_a_quotation_that_is_not_there_is_sent_back(self, stage: Stage) -> None:
        made = await stage.play(
            "researcher", "How much?", search(),
            say=[{"queries": ["x"]}, '"It stores 99 MWh." [study.pdf, p. 2]', '"The station stores 18.4 MWh." [study.pdf, p. 2]'], **READER,
        )  # fmt: skip
        assert "99" not in made.text
        assert "These citations do not hold: “It stores 99 MWh.”" in stage.prompts()[2]

    async def test_what_still_does_not_hold_is_removed_and_said(self, stage: Stage) -> None:
        wrong = 'So it is: "It stores 99 MWh." [study.pdf, p. 2]'
        made = await stage.play("researcher", "How much?", search(), say=[{"queries": ["x"]}, wrong, wrong], **READER)
        assert "[study.pdf, p. 2]" not in made.text
        assert made.notes == ("1 of 1 citations could not be confirmed and were removed.",)
        assert made.data is not None
        assert made.data["citations"][0]["verified"] is False

    async def test_nothing_found_is_said_without_asking_the_model(self, stage: Stage) -> None:
        made = await stage.play(
            "researcher", "What of Mars?", search("No passage fits."), say=[{"queries": ["Mars"]}], **READER
        )
        assert made.text.startswith(
            "The documents of this workspace hold nothing on this. Searched for: “What of Mars?”"
        )
        assert stage.step.model_calls == 1

    async def test_offline_it_quotes(self, stage: Stage) -> None:
        made = await stage.play("researcher", "How much does the station store?", search(), **READER)
        assert "“The station stores 18.4 MWh.” [study.pdf, p. 2]" in made.text
        assert "no language model was used" in made.text
        assert made.data is not None
        assert all(each["verified"] for each in made.data["citations"])

    async def test_without_its_tool(self, stage: Stage) -> None:
        with pytest.raises(CrewFailed, match="needs the tool search_knowledge") as failure:
            await stage.play("researcher", "How much?", say=[], **READER)
        assert failure.value.code == "cannot_do"


TABLE = "```csv\nregion,sales\nNorth,100\nSouth,250\nNorth,50\n```"


class TestAnalyst:
    async def test_figures_come_from_the_query(self, stage: Stage) -> None:
        sql = "SELECT region, sum(sales) AS total FROM data GROUP BY region ORDER BY region"
        made = await stage.play(
            "analyst", f"Sales per region?\n{TABLE}",
            say=[{"queries": [{"question": "Sales per region", "sql": sql}]}, "North sold 150 and South 250."],
        )  # fmt: skip
        assert made.data is not None
        assert made.data["computed"][0]["rows"].split() == ["region,total", "North,150", "South,250", "[2", "rows]"]
        assert made.text.startswith("North sold 150 and South 250.")
        assert sql in made.text
        assert "region,sales" in stage.prompts()[0]

    async def test_a_number_that_was_not_computed_does_not_get_through(self, stage: Stage) -> None:
        query = {"question": "Total", "sql": "SELECT sum(sales) AS total FROM data"}
        made = await stage.play("analyst", f"Total?\n{TABLE}", say=[{"queries": [query]}, "The total is about 417."])
        assert "417" not in made.text
        assert "total\n400" in made.text
        assert made.notes[0].startswith("The model's words held numbers that were not computed (417)")

    async def test_a_query_that_fails_is_sent_back(self, stage: Stage) -> None:
        bad, good = (
            {"question": "Total", "sql": f"SELECT sum({column}) AS total FROM data"} for column in ("turnover", "sales")
        )
        made = await stage.play(
            "analyst", f"Total?\n{TABLE}", say=[{"queries": [bad]}, {"queries": [good]}, "It is 400."]
        )
        assert made.text.startswith("It is 400.")
        assert "no such column: turnover" in stage.prompts()[1]

    async def test_json_is_a_table_too(self, stage: Stage) -> None:
        block = f"```json\n{json.dumps([{'a': 1}, {'a': 2, 'b': 'x'}])}\n```"
        query = {"question": "Sum", "sql": "SELECT sum(a) AS s FROM data"}
        made = await stage.play("analyst", f"Sum of a?\n{block}", say=[{"queries": [query]}, "It is 3."])
        assert made.text.startswith("It is 3.")

    async def test_a_document_is_read_by_the_tool(self, stage: Stage) -> None:
        tool = Tool("query_csv", "n\n7\n", "query")
        made = await stage.play(
            "analyst", "How many rows has “sales 2024.csv”?", tool,
            say=[{"queries": [{"question": "Rows", "sql": "SELECT count(*) AS n FROM data"}]}, "7 rows."],
        )  # fmt: skip
        assert [use["document"] for use in tool.used] == ["sales 2024.csv"] * 2
        assert made.text.startswith("7 rows.")

    async def test_offline_it_sums_up(self, stage: Stage) -> None:
        made = await stage.play("analyst", f"Sales per region?\n{TABLE}")
        assert made.data is not None
        assert made.data["computed"][0]["rows"].split() == [
            "n,sum,mean,least,most",
            "3,400,133.33333333333334,50,250",
            "[1",
            "row]",
        ]
        assert made.notes == ("No language model read the question: each numeric column was summed up.",)

    async def test_without_data(self, stage: Stage) -> None:
        with pytest.raises(CrewFailed, match="There is no data"):
            await stage.play("analyst", "Sales per region?", say=[])


def finding(severity: str, quote: str) -> dict[str, Any]:
    return {"severity": severity, "quote": quote, "problem": "It is wrong.", "suggestion": "Mend it."}


class TestCritic:
    async def test_the_verdict_follows_from_the_findings(self, stage: Stage) -> None:
        found = [finding("minor", "We think"), finding("critical", "costs nothing")]
        made = await stage.play(
            "critic", "We think it costs nothing.", say=[{"strengths": ["Short."], "findings": found}]
        )
        assert made.data is not None
        assert made.data["verdict"] == "reject"
        assert [each["severity"] for each in made.data["findings"]] == ["critical", "minor"]
        assert made.text.startswith("Verdict: reject\n\nGood:\n- Short.")

    async def test_faults_that_are_not_in_the_text_are_dropped(self, stage: Stage) -> None:
        found = [finding("critical", "invented words"), finding("minor", "“It costs")]
        made = await stage.play("critic", "“It costs nothing.”", say=[{"strengths": [], "findings": found}])
        assert made.data is not None
        assert (made.data["verdict"], made.data["unfounded"], len(made.data["findings"])) == ("accept", 1, 1)
        assert made.notes == ("1 findings were dropped: the words that they quote are not in the text.",)

    async def test_json_that_does_not_fit_is_sent_back(self, stage: Stage) -> None:
        good: dict[str, Any] = {"strengths": [], "findings": []}
        made = await stage.play(
            "critic", "All is well.", say=[{"strengths": [], "findings": [{"severity": "huge"}]}, good]
        )
        assert made.text == "Verdict: accept\n\nNothing to change."
        assert "wrong at findings.0.severity" in stage.prompts()[1]

    async def test_offline_it_applies_rules(self, stage: Stage) -> None:
        text = 'Sales grew by 40 %. TODO: add source. "Costs fell 3 %." [study.pdf, p. 2]'
        made = await stage.play("critic", text)
        assert made.data is not None
        assert [(each["severity"], each["quote"]) for each in made.data["findings"]] == [
            ("critical", "TODO"), ("major", "Sales grew by 40 %."),
        ]  # fmt: skip
        assert made.notes == ("No language model judged this: only fixed rules were applied.",)


def step(name: str, *needs: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": name.title(),
        "detail": "",
        "depends_on": list(needs),
        "effort": "small",
        "done_when": "Seen.",
    }


class TestPlanner:
    async def test_waves_and_longest_chain(self, stage: Stage) -> None:
        steps = [step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"), step("e")]
        made = await stage.play(
            "planner", "Launch it.", say=[{"steps": steps, "assumptions": ["Money is there."]}], **TEAM
        )
        assert made.data is not None
        assert made.data["waves"] == [["a", "e"], ["b", "c"], ["d"]]
        assert made.data["critical_path"] == ["a", "b", "d"]
        assert "two developers" in stage.prompts()[0]

    async def test_a_circle_is_sent_back_with_its_names(self, stage: Stage) -> None:
        circle = {"steps": [step("a", "c"), step("b", "a"), step("c", "b")], "assumptions": []}
        made = await stage.play(
            "planner", "Launch it.", say=[circle, {"steps": [step("a")], "assumptions": []}], **TEAM
        )
        assert made.data is not None
        assert made.data["waves"] == [["a"]]
        assert "These steps wait for each other: a → c → b → a." in stage.prompts()[1]

    async def test_a_plan_that_stays_impossible_fails_in_words(self, stage: Stage) -> None:
        lost = {"steps": [step("a", "nowhere")], "assumptions": []}
        with pytest.raises(CrewFailed, match="“a” depends on “nowhere”, which is no step"):
            await stage.play("planner", "Launch it.", say=[lost, lost], **TEAM)

    async def test_offline_it_takes_the_points_of_the_task(self, stage: Stage) -> None:
        made = await stage.play("planner", "Launch:\n- Write it\n- Test it", **TEAM)
        assert made.data is not None
        assert made.data["waves"] == [["step-1"], ["step-2"]]
        assert made.notes[0].startswith("No language model planned this")

    async def test_offline_without_points(self, stage: Stage) -> None:
        with pytest.raises(CrewFailed, match="it lists none"):
            await stage.play("planner", "Launch the product.", **TEAM)


def lesson(
    explanation: str = "Water is a ring. It goes round.", answer: str = "Because sunlight warms the sea."
) -> dict[str, Any]:
    question = {
        "question": "Why does water rise?",
        "answer": answer,
        "wrong": ["Wind lifts it: mistakes cause and carrier"],
    }
    return {
        "explanation": explanation,
        "example": "A kettle.",
        "terms": ["vapour: water as gas"],
        "questions": [question, question],
    }


class TestTeacher:
    LEVEL: ClassVar[dict[str, Any]] = {"inputs": {"level": "child of nine"}}

    async def test_teaches(self, stage: Stage) -> None:
        made = await stage.play("teacher", "The water cycle", say=[lesson()], **self.LEVEL)
        assert made.data == lesson()
        assert made.text.startswith("Water is a ring.")
        assert "**Do you see it?**\n1. Why does water rise?" in made.text
        assert "child of nine can use what was explained" in stage.prompts()[0]

    async def test_too_hard_for_the_level_is_sent_back(self, stage: Stage) -> None:
        long = " ".join(["word"] * 40) + "."
        await stage.play("teacher", "The water cycle", say=[lesson(long), lesson()], **self.LEVEL)
        assert "Your sentences have 40 words on average; for a child at most 16." in stage.prompts()[1]

    async def test_a_question_that_gives_itself_away(self, stage: Stage) -> None:
        await stage.play("teacher", "Water", say=[lesson(answer="Water does rise."), lesson()], **self.LEVEL)
        assert "gives its answer away" in stage.prompts()[1]

    async def test_offline_it_quotes_and_makes_gaps(self, stage: Stage) -> None:
        made = await stage.play("teacher", "The station", search(), **self.LEVEL)
        assert made.data is not None
        assert made.data["questions"][0] == {"question": "The station stores ____ MWh.", "answer": "18.4", "wrong": []}
        assert made.notes[0].startswith("No language model taught this")


class TestIntegrator:
    @staticmethod
    def http(answer: Any = '{"status": 200}') -> Tool:
        return Tool("http_request", answer, "url")

    async def test_reports_what_happened(self, stage: Stage) -> None:
        call = Say(calls=[Call("http_request", {"url": "https://crm.example/1", "method": "POST"})])
        made = await stage.play("integrator", "Create it.", tool := self.http(), say=[call, "It is created."])
        assert made.data is not None
        assert made.data["outcome"] == "done"
        assert made.data["actions"][0]["arguments"] == {"url": "https://crm.example/1", "method": "POST"}
        assert len(tool.used) == 1

    async def test_reading_is_tried_again(self, stage: Stage) -> None:
        call = Say(calls=[Call("http_request", {"url": "https://crm.example/1"})])
        made = await stage.play("integrator", "Read it.", tool := self.http(failing(2)), say=[call, "Read."])
        assert made.data is not None
        assert (made.data["outcome"], made.data["actions"][0]["tries"], len(tool.used)) == ("done", 3, 3)

    async def test_what_changes_something_is_done_once(self, stage: Stage) -> None:
        call = Say(calls=[Call("http_request", {"url": "https://crm.example/1", "method": "POST"})])
        made = await stage.play("integrator", "Create it.", tool := self.http(failing(1)), say=[call, "It failed."])
        assert made.data is not None
        assert (made.data["outcome"], len(tool.used)) == ("failed", 1)
        assert made.data["actions"][0]["answer"] == "The host did not answer."

    async def test_a_claim_without_a_call_is_contradicted(self, stage: Stage) -> None:
        made = await stage.play("integrator", "Create it.", self.http(), say=["I have created the customer."])
        assert made.data is not None
        assert made.data["outcome"] == "nothing"
        assert made.notes == ("The model says that it acted, but no tool was called: nothing was done.",)
        assert made.text.startswith("The model says that it acted")

    async def test_a_tool_that_is_not_there(self, stage: Stage) -> None:
        call = Say(calls=[Call("delete_everything", {})])
        made = await stage.play("integrator", "Create it.", self.http(), say=[call, "There is no such tool."])
        assert made.data is not None
        assert made.data["outcome"] == "nothing"
        assert "There is no tool delete_everything here. There is: http_request." in stage.prompts()[1]

    async def test_offline_it_does_what_is_spelled_out(self, stage: Stage) -> None:
        order = json.dumps({"tool": "http_request", "arguments": {"url": "https://crm.example/1"}})
        made = await stage.play("integrator", f"Do this:\n```json\n{order}\n```", tool := self.http())
        assert made.data is not None
        assert (made.data["outcome"], tool.used) == ("done", [{"url": "https://crm.example/1"}])

    async def test_offline_without_an_order(self, stage: Stage) -> None:
        with pytest.raises(CrewFailed, match="carries out one call that the task spells out"):
            await stage.play("integrator", "Create the customer.", self.http())

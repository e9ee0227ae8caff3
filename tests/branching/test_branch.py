"""A run goes off from another at any task, with other texts, models, inputs or outputs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from agents.models import Crew
from agents.tools.files import RunFiles
from projects.models import Run, StepOutput
from projects.work.models import WorkItem
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import fields, play, sending_json
from tests.branching.conftest import RUNS, outputs, went_off
from tests.conftest import ApiOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import Call, FakeLLM, Fault, Say


def test_it_takes_over_what_came_before_and_does_the_rest_with_the_change(
    api: APIClient, parent: Run, model: FakeLLM
) -> None:
    model.set_script(lambda seen: Say(f"New result of {asked_for(seen)}.", usage=(100, 10)))
    edits = {"tasks": {"t2": {"description": "Do t2. In verse."}}}
    run = went_off(api, parent, "branch", task="t2", edits=edits)
    assert (run.status, run.origin, run.parent_id, run.branch_task, run.edits) == (
        "succeeded",
        "branch",
        parent.pk,
        "t2",
        edits,
    )
    shown = api.get(f"{RUNS}{run.pk}/").json()
    assert (shown["origin"], shown["parent"], shown["branch_task"], shown["edits"]) == (
        "branch",
        str(parent.pk),
        "t2",
        edits,
    )
    assert outputs(run) == {"t1": "Result of t1.", "t2": "New result of t2.", "t3": "New result of t3."}
    assert [asked_for(seen) for seen in model.ledger()] == ["t2", "t3"]
    assert "In verse." in model.ledger()[0].messages[1]["content"]
    assert list(run.steps.filter(taken_over=True).values_list("task", flat=True)) == ["t1"]
    assert (run.prompt_tokens, run.completion_tokens) == (200, 20)
    parent.refresh_from_db()
    assert outputs(parent)["t2"] == "Result of t2."
    assert AuditEntry.objects.get(action="run.branched").detail == {"from_run": str(parent.pk), "task": "t2"}


def test_what_is_asked_again_in_the_very_same_words_is_not_paid_for_again(
    api: APIClient, parent: Run, model: FakeLLM
) -> None:
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}."))
    run = went_off(api, parent, "branch", task="t1", edits={"agents": {"editor": {"goal": "Be brief."}}})
    assert run.output == "Result of t3."
    assert [asked_for(seen) for seen in model.ledger()] == ["t1", "t3"]  # t2 is asked the same after the same t1


def test_an_output_that_a_person_wrote_stands_in_place_of_the_task(api: APIClient, parent: Run, model: FakeLLM) -> None:
    model.set_script(lambda seen: Say(f"New result of {asked_for(seen)}."))
    run = went_off(api, parent, "branch", task="t2", edits={"tasks": {"t2": {"output": "By hand."}}})
    assert outputs(run) == {"t1": "Result of t1.", "t2": "By hand.", "t3": "New result of t3."}
    assert [asked_for(seen) for seen in model.ledger()] == ["t3"]
    assert "By hand." in model.ledger()[0].messages[-1]["content"]
    step = StepOutput.objects.get(run=run, task="t2")
    assert (step.edited, step.taken_over, step.agent) == (True, True, "writer")


def test_other_inputs_models_and_temperature(api: APIClient, parent: Run, model: FakeLLM) -> None:
    edits = {
        "inputs": {"topic": "storms"},
        "tasks": {"t1": {"llm": "fake-2"}},
        "agents": {"editor": {"temperature": 1, "llm": "fake-3"}},
    }
    run = went_off(api, parent, "branch", task="t1", edits=edits)
    assert run.inputs == {"topic": "storms"}
    first, *_, last = model.ledger()
    assert "About storms." in first.messages[1]["content"]
    assert (first.body["model"], last.body["model"], last.body["temperature"]) == ("fake-2", "fake-3", 1.0)


@pytest.mark.parametrize(
    ("task", "edits", "found"),
    [
        ("t9", {}, [("task", "unknown_task")]),
        ("t2", {"tasks": {"t1": {"description": "x"}}}, [("edits.tasks.t1", "taken_over")]),
        ("t1", {"tasks": {"t9": {"description": "x"}}}, [("edits.tasks.t9", "unknown_task")]),
        ("t1", {"agents": {"nobody": {"goal": "x"}}}, [("edits.agents.nobody", "unknown_agent")]),
        ("t1", {"tasks": {"t1": {"tools": ["calculator"]}}}, [("edits.tasks.t1.tools", "unknown")]),
        ("t1", {"crew": {}}, [("edits.crew", "unknown")]),
        ("t1", {"tasks": {"t1": {"description": 7}}}, [("edits.tasks.t1.description", "invalid")]),
        ("t1", {"tasks": {"t1": {"description": " "}}}, [("edits.tasks.t1.description", "empty")]),
        ("t1", {"tasks": {"t1": {"description": "On {moon}."}}}, [("edits.tasks.t1.description", "undeclared_input")]),
        ("t1", {"agents": {"writer": {"temperature": 3}}}, [("edits.agents.writer.temperature", "invalid")]),
        ("t1", {"inputs": {"moon": "full"}}, [("edits.inputs.moon", "unknown")]),
        ("t1", {"inputs": {"topic": ""}}, [("edits.inputs.topic", "missing")]),
        ("t2", {"tasks": {"t2": {"output": " "}}}, [("edits.tasks.t2.output", "empty")]),
        (
            "t2",
            {"tasks": {"t2": {"output": "By hand.", "description": "Do it."}}},
            [("edits.tasks.t2.output", "not_done")],
        ),
    ],
)
def test_what_cannot_run_is_refused_with_its_path_and_nothing_is_queued(
    api: APIClient, parent: Run, task: str, edits: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    before = (Run.objects.count(), WorkItem.objects.count(), StepOutput.objects.count(), AuditEntry.objects.count())
    answer = api.post(f"{RUNS}{parent.pk}/branch/", {"task": task, "edits": edits})
    assert (answer.status_code, fields(answer)) == (400, found)
    assert before == (
        Run.objects.count(),
        WorkItem.objects.count(),
        StepOutput.objects.count(),
        AuditEntry.objects.count(),
    )


@pytest.mark.parametrize(
    "output", ['{"n": NaN}', '{"n": 1e999}', '{"n": "\\u0000"}', '{"n": "\\ud800"}', "{", "[" * 2_000]
)
def test_an_output_that_is_no_json_or_none_that_can_be_kept_is_refused(
    api: APIClient, parent: Run, output: str
) -> None:
    for task in parent.snapshot["tasks"]:
        task["output_schema"] = {"type": "object", "required": ["n"]}
    parent.save(update_fields=["snapshot"])
    answer = api.post(f"{RUNS}{parent.pk}/branch/", {"task": "t2", "edits": {"tasks": {"t2": {"output": output}}}})
    assert (answer.status_code, fields(answer)) == (400, [("edits.tasks.t2.output", "schema")])
    assert Run.objects.count() == 1


def test_only_an_ended_run_by_a_builder_of_the_workspace(
    api: APIClient, api_of: ApiOf, victor: User, mallory: User, parent: Run, relay: Crew, acme: Tenant
) -> None:
    sent = {"task": "t1", "edits": {}}
    going = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "x"}}).data["id"]
    assert api.post(f"{RUNS}{going}/branch/", sent).status_code == 409
    assert sending_json(api_of(victor)).post(f"{RUNS}{parent.pk}/branch/", sent).status_code == 403
    mallorys = sending_json(api_of(mallory))
    assert mallorys.post(f"{RUNS}{parent.pk}/branch/", sent).status_code == 404
    assert mallorys.post(f"/w/globex/api/v1/runs/{parent.pk}/branch/", sent).status_code == 404
    assert mallorys.get(f"/w/globex/api/v1/runs/{parent.pk}/branches/").status_code == 404
    api.get(RUNS)
    assert Run.objects.count() == 2


def test_going_on_after_a_failure_uses_what_was_paid_for(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    """t3 uses a tool, then the model fails: the first answer of t3 is not asked for again."""

    def script(seen: Any) -> Any:
        if asked_for(seen) != "t3":
            return Say(f"Result of {asked_for(seen)}.", usage=(100, 10))
        if seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})], usage=(100, 10))
        return Fault(status=400)

    model.set_script(script)
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    failed = play(Run.objects.get(pk=answer.data["id"]))
    assert (failed.status, failed.prompt_tokens) == ("failed", 300)
    model.reset()
    model.set_script(lambda _seen: Say("So it is 42.", usage=(50, 5)))
    run = went_off(api, failed, "resume")
    assert (run.status, run.output, run.origin, run.parent_id, run.branch_task) == (
        "succeeded",
        "So it is 42.",
        "branch",
        failed.pk,
        "t3",
    )
    assert len(model.ledger()) == 1
    assert model.ledger()[0].messages[-1]["content"] == "42"
    assert (run.prompt_tokens, run.completion_tokens) == (50, 5)


def test_going_on_remembers_that_a_task_was_cut_off(api: APIClient, parent: Run, model: FakeLLM) -> None:
    Run.objects.filter(pk=parent.pk).update(status="failed", stop_detail="The provider was away.")
    StepOutput.objects.filter(run=parent, task="t1").update(limited=True)
    StepOutput.objects.filter(run=parent, task="t3").delete()
    parent.model_calls.filter(task="t3").delete()
    run = went_off(api, parent, "resume")
    assert StepOutput.objects.get(run=run, task="t1").limited
    assert (run.stop_reason, run.stop_detail) == (
        "iteration_limit",
        "Cut off at max_iter: the agent had to answer at once. Tasks: “t1”.",
    )


def test_files_come_along(api: APIClient, parent: Run, acme: Tenant) -> None:
    RunFiles.of(acme.schema_name, parent.pk).write("notes.txt", b"Spring tides.")
    branch = api.post(f"{RUNS}{parent.pk}/branch/", {"task": "t2"}).json()["id"]
    again = api.post(f"{RUNS}{parent.pk}/retry/").json()["id"]
    assert RunFiles.of(acme.schema_name, UUID(branch)).read("notes.txt") == b"Spring tides."
    assert RunFiles.of(acme.schema_name, UUID(again)).list() == []


def test_running_again_asks_everything_anew(api: APIClient, parent: Run, model: FakeLLM) -> None:
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}."))
    run = went_off(api, parent, "retry")
    assert (run.status, run.parent_id, run.branch_task) == ("succeeded", parent.pk, "")
    assert [asked_for(seen) for seen in model.ledger()] == ["t1", "t2", "t3"]


def test_the_family(api: APIClient, parent: Run, model: FakeLLM) -> None:
    child = went_off(api, parent, "branch", task="t3")
    grandchild = went_off(api, child, "branch", task="t3", edits={"tasks": {"t3": {"output": "By hand."}}})
    sibling = went_off(api, parent, "retry")
    for member in (parent, grandchild, sibling):
        family = api.get(f"{RUNS}{member.pk}/branches/").json()["results"]
        assert [(each["id"], each["depth"], each["branch_task"]) for each in family] == [
            (str(parent.pk), 0, ""),
            (str(child.pk), 1, "t3"),
            (str(grandchild.pk), 2, "t3"),
            (str(sibling.pk), 1, ""),
        ]
    assert family[2]["edits"] == {"tasks": {"t3": {"output": "By hand."}}}

"""What people said, or did not say, in the run that another one goes off from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from agents.models import Crew, Task
from projects.models import Run
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.context import PUBLIC, enter
from tests.agents.conftest import play
from tests.asking.test_people_in_the_loop import told
from tests.branching.conftest import RUNS, outputs, went_off
from tests.runtimes.stage import asked_for
from tests.schedules.test_unattended import grant
from tests.servers.llm import Call, FakeLLM, Say, Seen

PORT = {"name": "port", "description": "Which port?", "default": None}


@pytest.fixture
def asking(api: APIClient, relay: Crew, model: FakeLLM) -> Run:
    """It waits for the name of a port before its third task."""
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}."))
    Task.objects.filter(crew=relay, name="t3").update(ask_input=[PORT])
    run = start(api, relay)
    assert run.status == "waiting"
    return run


def start(api: APIClient, relay: Crew) -> Run:
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 202, answer.data
    return play(Run.objects.get(pk=answer.data["id"]))


def test_what_nobody_answered_in_time_is_asked_again(api: APIClient, asking: Run) -> None:
    WorkItem.objects.filter(kind="question.deadline").update(queued_at=timezone.now() - timedelta(hours=1))
    with enter(PUBLIC):
        lease = leases.claim(["upkeep"])
        assert lease is not None
        tasks.carry_out(lease)
    asking.refresh_from_db()
    assert (asking.status, asking.stop_reason) == ("failed", "unanswered")
    again = went_off(api, asking, "resume")
    assert again.status == "waiting"
    assert told(api, again, action="value", text="Rotterdam").status == "succeeded"


def test_what_somebody_declined_to_give_is_asked_again(api: APIClient, asking: Run) -> None:
    declined = told(api, asking, action="reject", text="Not mine to say.")
    assert (declined.status, declined.stop_reason) == ("failed", "rejected")
    assert went_off(api, declined, "resume").status == "waiting"


def test_the_use_of_another_tool_is_never_answered_by_what_was_there(
    api: APIClient, relay: Crew, model: FakeLLM
) -> None:
    """Both take the same arguments, and both are the first use of the task."""

    def using(tool: str) -> object:
        def script(seen: Seen) -> Say:
            if not seen.tools:
                return Say(f"Result of {asked_for(seen)}, with {tool}.")
            if seen.messages[-1]["role"] == "tool":
                return Say(str(seen.messages[-1]["content"]))
            return Say(calls=[Call(tool, {})])

        return script

    Task.objects.filter(crew=relay, name="t3").update(tools=["list_files", "current_date"])
    model.set_script(using("list_files"))  # type: ignore[arg-type]
    first = start(api, relay)
    assert first.status == "succeeded", first.stop_detail
    model.set_script(using("current_date"))  # type: ignore[arg-type]
    run = went_off(api, first, "branch", task="t2", edits={"agents": {"writer": {"goal": "Be brief."}}})
    assert run.status == "succeeded"
    assert outputs(run)["t3"] != outputs(first)["t3"]
    assert list(run.effects.values_list("tool", flat=True)) == ["current_date"]


@pytest.mark.parametrize("path", ["retry", "branch"])
def test_a_permission_that_was_taken_back_is_not_had_again_by_going_back(
    api: APIClient, relay: Crew, model: FakeLLM, path: str
) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})])
        return Say(f"Result of {asked_for(seen)}: {seen.messages[-1]['content'] if seen.tools else 'fine'}")

    model.set_script(script)
    grant(relay, "model:any", "tool:calculator")
    first = start(api, relay)
    assert first.output == "Result of t3: 42"
    grant(relay, "model:any")
    run = went_off(api, first, path, **({"task": "t3", "edits": {}} if path == "branch" else {}))
    assert "without the permission to use the tool calculator" in run.output
    assert run.snapshot["leave"]["grants"] == ["model:any"]

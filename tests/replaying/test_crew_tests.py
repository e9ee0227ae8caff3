"""Finished runs kept as tests of their crew, and what trying the crew against them says."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from agents.models import Crew, Task
from projects.models import KeptRun, Run, Trial
from projects.work import leases, tasks
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API, fields, play, sending_json
from tests.branching.conftest import RUNS, went_off
from tests.conftest import ApiOf, ClientOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen


@pytest.fixture
def kept(api: APIClient, parent: Run) -> str:
    """The id of a test made of the parent run."""
    answer = api.post(f"{RUNS}{parent.pk}/keep/", {"name": "Tides"})
    assert answer.status_code == 201, answer.data
    return str(answer.json()["id"])


def place_of(relay: Crew) -> str:
    return f"{API}crews/{relay.pk}/tests/"


def tried(api: APIClient, relay: Crew, **sent: Any) -> dict[str, Any]:
    """Try the crew, let a worker do it, and read the newest trial."""
    answer = api.post(f"{place_of(relay)}run/", sent)
    assert answer.status_code == 202, answer.data
    work()
    return read(api, relay, answer.json()["results"][0]["id"])


def work() -> None:
    with enter(PUBLIC):
        while lease := leases.claim(["default"]):
            tasks.carry_out(lease)


def read(api: APIClient, relay: Crew, trial: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"{API}crews/{relay.pk}/trials/{trial}/").json()
    return found


def verdicts(trial: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["task"], entry["verdict"]) for entry in trial["report"]]


def test_an_unchanged_crew_is_the_same_and_nothing_is_asked(
    api: APIClient, relay: Crew, kept: str, model: FakeLLM
) -> None:
    trial = tried(api, relay)
    assert (trial["status"], trial["mode"], trial["detail"]) == ("same", "recorded", "")
    assert verdicts(trial) == [("t1", "same"), ("t2", "same"), ("t3", "same")]
    assert [entry["calls"] for entry in trial["report"]] == [1, 1, 1]
    assert model.ledger() == []
    assert Run.objects.count() == 1
    [listed] = api.get(place_of(relay)).json()["results"]
    assert (listed["id"], listed["name"], listed["last_status"]) == (kept, "Tides", "same")


def keep(api: APIClient, relay: Crew) -> Run:
    """Run the crew and keep what comes out."""
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    run = play(Run.objects.get(pk=answer.data["id"]))
    assert run.status == "succeeded", run.stop_detail
    assert api.post(f"{RUNS}{run.pk}/keep/", {"name": "Tides"}).status_code == 201
    return run


def test_an_unchanged_crew_is_the_same_where_a_tool_failed(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "1 / 0"})])
        return Say(f"Result of {asked_for(seen)}.")

    model.set_script(script)
    keep(api, relay)
    trial = tried(api, relay)
    assert (trial["status"], verdicts(trial)) == ("same", [("t1", "same"), ("t2", "same"), ("t3", "same")])


@pytest.mark.parametrize("mode", ["recorded", "live"])
def test_an_unchanged_crew_is_the_same_where_a_task_failed_and_one_was_skipped(
    api: APIClient, relay: Crew, model: FakeLLM, mode: str
) -> None:
    Task.objects.filter(crew=relay, name="t1").update(on_failure="continue")
    Task.objects.filter(crew=relay, name="t2").update(condition='inputs.topic == "storms"')
    model.set_script(
        lambda seen: Fault(status=400) if asked_for(seen) == "t1" else Say(f"Result of {asked_for(seen)}.")
    )
    keep(api, relay)
    answer = api.post(f"{place_of(relay)}run/", {"mode": mode}).json()["results"][0]
    if mode == "live":
        play(Run.objects.get(pk=answer["run"]))
    work()
    trial = read(api, relay, answer["id"])
    assert (trial["status"], verdicts(trial)) == ("same", [("t1", "same"), ("t2", "same"), ("t3", "same")])


def test_an_output_that_a_person_wrote_stands_in_a_test_too(
    api: APIClient, relay: Crew, parent: Run, model: FakeLLM
) -> None:
    branch = went_off(api, parent, "branch", task="t2", edits={"tasks": {"t2": {"output": "By hand."}}})
    assert api.post(f"{RUNS}{branch.pk}/keep/", {"name": "Tides"}).status_code == 201
    trial = tried(api, relay)
    assert (trial["status"], verdicts(trial)) == ("same", [("t1", "same"), ("t2", "same"), ("t3", "same")])


def test_the_page_tries_shows_and_removes(
    client_of: ClientOf, alice: User, victor: User, relay: Crew, kept: str, model: FakeLLM
) -> None:
    browser, place = client_of(alice), f"/w/acme/crews/{relay.pk}/tests/"
    assert "Not tried yet." in browser.get(place).content.decode()
    Task.objects.filter(crew=relay, name="t2").update(description="Do t2. In <b>verse</b>.")
    assert browser.post(place, {"mode": "recorded"}).status_code == 302
    assert "It is being tried." in browser.get(place).content.decode()
    work()
    page = browser.get(place).content.decode()
    assert "asked otherwise than then" in page
    assert "In &lt;b&gt;verse&lt;/b&gt;." in page
    assert model.ledger() == []
    looks = client_of(victor)
    assert "Try it" not in looks.get(place).content.decode()
    assert [looks.post(path).status_code for path in (place, f"{place}{kept}/drop/")] == [403, 403]
    assert browser.post(f"{place}{kept}/drop/").status_code == 302
    assert "No tests yet" in browser.get(place).content.decode()
    assert Run.objects.count() == 1


def test_a_changed_task_is_shown_as_a_difference_of_what_is_asked(api: APIClient, relay: Crew, kept: str) -> None:
    Task.objects.filter(crew=relay, name="t2").update(description="Do t2. In verse.")
    trial = tried(api, relay)
    assert (trial["status"], verdicts(trial)) == (
        "changed",
        [("t1", "same"), ("t2", "changed_prompt"), ("t3", "same")],
    )
    pieces = trial["report"][1]["prompt_diff"]
    assert "In verse." in "".join(piece["text"] for piece in pieces if piece["change"] == "added")
    assert "In verse." not in "".join(piece["text"] for piece in pieces if piece["change"] != "added")


def test_a_new_a_renamed_and_a_missing_task(api: APIClient, relay: Crew, kept: str) -> None:
    Task.objects.filter(crew=relay, name="t3").update(name="t4")
    trial = tried(api, relay)
    assert verdicts(trial) == [("t1", "same"), ("t2", "same"), ("t4", "off_record"), ("t3", "gone")]
    assert trial["report"][2]["detail"] == "editor asks a model more often than it did."


def test_a_crew_that_cannot_run_fails_its_tests(api: APIClient, relay: Crew, kept: str) -> None:
    Task.objects.filter(crew=relay, name="t1").update(description="About {moon}.")
    trial = tried(api, relay)
    assert (trial["status"], trial["report"]) == ("failed", [])
    assert "moon" in trial["detail"]


def test_live_asks_the_model_again_and_compares_the_outputs(
    api: APIClient, relay: Crew, kept: str, model: FakeLLM
) -> None:
    model.set_script(
        lambda seen: Say("Another result." if asked_for(seen) == "t3" else f"Result of {asked_for(seen)}.")
    )
    answer = api.post(f"{place_of(relay)}run/", {"mode": "live"})
    [started] = answer.json()["results"]
    assert started["status"] == "running"
    play(Run.objects.get(pk=started["run"]))
    trial = read(api, relay, started["id"])
    assert (trial["status"], len(model.ledger())) == ("changed", 3)
    assert verdicts(trial) == [("t1", "same"), ("t2", "same"), ("t3", "output_differs")]
    assert trial["report"][2]["output_diff"][0] == {"change": "removed", "text": "Result of t3."}
    assert Trial.objects.get().finished_at is not None


def test_all_tests_or_some_of_them(api: APIClient, relay: Crew, kept: str, parent: Run) -> None:
    answer = api.post(f"{place_of(relay)}run/", {"tests": [str(parent.pk)]})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_tests")
    tried(api, relay, tests=[kept])
    tried(api, relay)
    batches = {trial["batch_id"] for trial in api.get(f"{API}crews/{relay.pk}/trials/").json()["results"]}
    assert len(batches) == 2
    [only] = api.get(f"{API}crews/{relay.pk}/trials/", {"batch": batches.pop()}).json()["results"]
    assert only["name"] == "Tides"


@pytest.mark.parametrize("batch", ["", "7", "not-an-id"])
def test_a_batch_is_an_id(api: APIClient, relay: Crew, batch: str) -> None:
    refused = api.get(f"{API}crews/{relay.pk}/trials/", {"batch": batch})
    assert (refused.status_code, fields(refused)) == (400, [("batch", "uuid")])


def test_what_is_kept_cannot_be_deleted_until_it_is_dropped(
    api: APIClient, relay: Crew, kept: str, parent: Run
) -> None:
    refused = api.delete(f"{RUNS}{parent.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "kept")
    assert api.delete(f"{place_of(relay)}{kept}/").status_code == 204
    assert api.delete(f"{RUNS}{parent.pk}/").status_code == 204
    actions = AuditEntry.objects.filter(action__startswith="run.kept").order_by("created_at")
    assert list(actions.values_list("action", flat=True)) == ["run.kept", "run.kept_no_more"]


def test_what_cannot_be_kept(api: APIClient, relay: Crew, kept: str, parent: Run) -> None:
    again = api.post(f"{RUNS}{parent.pk}/keep/", {"name": "Again"})
    assert (again.status_code, again.json()["code"]) == (409, "kept")
    other = Run.objects.get(pk=api.post(f"{RUNS}{parent.pk}/retry/").json()["id"])
    assert api.post(f"{RUNS}{other.pk}/keep/", {"name": "Early"}).json()["code"] == "wrong_state"
    play(other)
    taken = api.post(f"{RUNS}{other.pk}/keep/", {"name": "Tides"})
    assert (taken.status_code, fields(taken)) == (409, [("name", "taken")])
    assert list(KeptRun.objects.values_list("name", flat=True)) == ["Tides"]


def test_viewers_look_and_strangers_do_not(
    api: APIClient, api_of: ApiOf, victor: User, mallory: User, relay: Crew, kept: str, parent: Run, acme: Tenant
) -> None:
    victors, mallorys = sending_json(api_of(victor)), sending_json(api_of(mallory))
    assert victors.get(place_of(relay)).status_code == 200
    assert victors.post(f"{place_of(relay)}run/", {}).status_code == 403
    assert victors.delete(f"{place_of(relay)}{kept}/").status_code == 403
    for path in (place_of(relay), f"/w/globex/api/v1/crews/{relay.pk}/tests/"):
        assert mallorys.get(path).status_code == 404
    assert mallorys.post(f"{RUNS}{parent.pk}/keep/", {"name": "Mine"}).status_code == 404
    api.get(RUNS)
    assert (KeptRun.objects.count(), Trial.objects.count()) == (1, 0)

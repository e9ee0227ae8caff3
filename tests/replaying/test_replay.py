"""A finished run played again from its record: the same, for nothing, and an honest stop where the record ends."""

from __future__ import annotations

from decimal import Decimal

from pytest_django import Settings
from rest_framework.test import APIClient

from agents.execution.recording import hash_of
from agents.execution.using import UNKNOWN
from agents.models import Crew, Task
from projects.models import AgentRun, Effect, ModelCall, Run
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import play, sending_json
from tests.asking.test_people_in_the_loop import told
from tests.branching.conftest import RUNS, outputs, went_off
from tests.conftest import ApiOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen


def test_the_same_outputs_without_a_call_and_without_a_model(
    api: APIClient, parent: Run, model: FakeLLM, settings: Settings
) -> None:
    settings.LLM = dict.fromkeys(settings.LLM, "")  # nobody is there to be asked
    run = went_off(api, parent, "replay")
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "finished", "Result of t3.")
    assert outputs(run) == outputs(parent) == {f"t{n}": f"Result of t{n}." for n in (1, 2, 3)}
    assert (run.origin, run.parent_id, run.provider, run.model) == ("replay", parent.pk, "openai", "fake-1")
    assert (run.prompt_tokens, run.completion_tokens, run.cost) == (0, 0, Decimal(0))
    assert model.ledger() == []
    assert {step.prompt_tokens for step in run.steps.all()} == {0}
    assert list(AgentRun.objects.filter(run=run).values_list("prompt_tokens", flat=True)) == [0, 0, 0]
    assert AuditEntry.objects.get(action="run.replayed").detail == {"from_run": str(parent.pk)}


def test_a_replay_can_be_replayed(api: APIClient, parent: Run) -> None:
    assert went_off(api, went_off(api, parent, "replay"), "replay").output == parent.output


def test_what_a_tool_answered_comes_from_the_record(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})])
        return Say(f"{asked_for(seen)}: {seen.messages[-1]['content'] if seen.tools else 'fine'}")

    model.set_script(script)
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = play(Run.objects.get(pk=answer.data["id"]))
    assert first.output == "t3: 42"
    Effect.objects.filter(run=first).update(answer="43")  # so that it shows who answers
    model.reset()
    run = went_off(api, first, "replay")
    assert (run.status, run.stop_reason) == ("failed", "replay_diverged")  # after another answer another question
    assert "At the task “t3” editor asked a model something else" in run.stop_detail
    assert "Then: “42" in run.stop_detail
    assert "Now: “43" in run.stop_detail
    assert model.ledger() == []


def test_a_task_that_failed_fails_again_where_the_crew_went_on(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    Task.objects.filter(crew=relay, name="t1").update(on_failure="continue")
    model.set_script(
        lambda seen: Fault(status=400) if asked_for(seen) == "t1" else Say(f"Result of {asked_for(seen)}.")
    )
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = play(Run.objects.get(pk=answer.data["id"]))
    assert (first.status, first.stop_reason) == ("succeeded", "partial")
    model.reset()
    run = went_off(api, first, "replay")
    assert (run.status, run.stop_reason, run.stop_detail) == ("succeeded", "partial", first.stop_detail)
    assert outputs(run) == outputs(first)
    assert model.ledger() == []


def test_a_branch_replays_although_what_it_took_over_was_asked_in_other_words(
    api: APIClient, parent: Run, model: FakeLLM
) -> None:
    branch = went_off(api, parent, "branch", task="t2", edits={"agents": {"writer": {"goal": "Be brief."}}})
    model.reset()
    run = went_off(api, branch, "replay")
    assert (run.status, run.output, outputs(run)) == ("succeeded", branch.output, outputs(branch))
    assert model.ledger() == []


def test_a_branch_replays_although_a_person_judged_what_it_took_over(
    api: APIClient, relay: Crew, model: FakeLLM
) -> None:
    Task.objects.filter(crew=relay, name="t1").update(human_input=True)
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = told(api, play(Run.objects.get(pk=answer.data["id"])), action="approve")
    branch = went_off(api, first, "branch", task="t2", edits={"tasks": {"t2": {"description": "Do t2. In verse."}}})
    run = went_off(api, branch, "replay")
    assert (run.status, outputs(run)) == ("succeeded", outputs(branch))


def test_what_a_person_rejected_is_rejected_again_where_the_crew_went_on(
    api: APIClient, relay: Crew, model: FakeLLM
) -> None:
    Task.objects.filter(crew=relay, name="t2").update(human_input=True, on_failure="continue")
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = told(api, play(Run.objects.get(pk=answer.data["id"])), action="reject", text="Wrong port.")
    assert (first.status, first.stop_reason) == ("succeeded", "partial")
    run = went_off(api, first, "replay")
    assert (run.status, run.stop_reason, run.stop_detail) == ("succeeded", "partial", first.stop_detail)


def test_a_tool_is_described_as_it_was_then(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    """Another version of this house may word the tools of its own otherwise."""
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = play(Run.objects.get(pk=answer.data["id"]))
    call = ModelCall.objects.get(run=first, task="t3")
    call.request["tools"][0]["description"] = "Reckons."
    call.request_hash = hash_of(call.request)
    call.save(update_fields=["request", "request_hash"])
    assert went_off(api, first, "replay").status == "succeeded"


def test_a_tool_that_was_in_nobody_s_hands_need_not_be_there(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    """It is that of a task that was skipped, and its server is gone."""
    run = Run.objects.get(pk=api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}}).data["id"])
    run.snapshot["tasks"][1] |= {"condition": 'inputs.topic == "storms"', "tools": ["mcp:harbour/berths"]}
    run.save(update_fields=["snapshot"])
    first = play(run)
    assert (first.status, sorted(outputs(first))) == ("succeeded", ["t1", "t3"])
    again = went_off(api, first, "replay")
    assert (again.status, again.stop_detail, outputs(again)) == ("succeeded", "", outputs(first))


def test_what_nobody_knows_the_end_of_is_told_as_it_was(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    """A worker died while a tool was at work that must not be used twice."""

    def script(seen: Seen) -> Say:
        if not seen.tools:
            return Say(f"Result of {asked_for(seen)}.")
        if seen.messages[-1]["role"] == "tool":
            return Say(str(seen.messages[-1]["content"]))
        return Say(calls=[Call("write_file", {"name": "berths.txt", "content": "Four."})])

    Task.objects.filter(crew=relay, name="t3").update(tools=["write_file"])
    model.set_script(script)
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}})
    first = play(Run.objects.get(pk=answer.data["id"]))
    assert first.status == "succeeded", first.stop_detail
    Effect.objects.filter(run=first).update(state="needs_review", answer="Begun by a worker that died.")
    call = ModelCall.objects.get(run=first, key="t3/editor/m2")
    call.request["messages"][-1]["content"] = f"Error executing tool: {UNKNOWN}"
    call.request_hash = hash_of(call.request)
    call.save(update_fields=["request", "request_hash"])
    run = went_off(api, first, "replay")
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "needs_review", first.output)


def test_it_stops_where_the_record_ends(api: APIClient, parent: Run, model: FakeLLM) -> None:
    ModelCall.objects.filter(run=parent, task="t2").delete()
    run = went_off(api, parent, "replay")
    assert (run.status, run.stop_reason) == ("failed", "replay_diverged")
    assert run.stop_detail == "At the task “t2” writer asked a model once more than in the run that is replayed."
    assert outputs(run) == {"t1": "Result of t1."}
    assert model.ledger() == []


def test_it_stops_where_something_else_is_asked(api: APIClient, parent: Run, model: FakeLLM) -> None:
    snapshot = parent.snapshot
    snapshot["tasks"][1]["description"] = "Do t2. In verse."
    Run.objects.filter(pk=parent.pk).update(snapshot=snapshot)
    run = went_off(api, parent, "replay")
    assert (run.status, run.stop_reason) == ("failed", "replay_diverged")
    assert "At the task “t2” writer asked a model something else than in the run that is replayed." in run.stop_detail
    assert "In verse." in run.stop_detail
    assert model.ledger() == []


def test_only_what_succeeded_and_was_recorded(
    api: APIClient, api_of: ApiOf, victor: User, mallory: User, parent: Run, acme: Tenant
) -> None:
    assert sending_json(api_of(victor)).post(f"{RUNS}{parent.pk}/replay/").status_code == 403
    assert sending_json(api_of(mallory)).post(f"{RUNS}{parent.pk}/replay/").status_code == 404
    api.get(RUNS)
    ModelCall.objects.filter(run=parent).delete()
    refused = api.post(f"{RUNS}{parent.pk}/replay/")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_record")
    Run.objects.filter(pk=parent.pk).update(status="cancelled")
    assert api.post(f"{RUNS}{parent.pk}/replay/").json()["code"] == "wrong_state"
    assert Run.objects.count() == 1

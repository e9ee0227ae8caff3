"""What a block does to runs: those that are asked for, those that wait, those under way, those of a schedule, and simulations."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.models import Crew
from agents.schedules.execution import run as begin_schedule
from agents.schedules.models import Schedule
from agents.services import create_crew
from projects.ledger import Ledger, RunStopped, watcher
from projects.models import Run
from projects.work import leases
from simulations import services as simulations
from simulations.models import Simulation
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.provenance import revoked
from tenants.provenance.models import Revocation, RunOutcome
from tenants.provenance.revoking import Reason, restore, revoke
from tests.agents.conftest import API, play
from tests.enforcement.conftest import DIGEST, Installed
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import FakeLLM, Fault, Step
from tests.simulations.conftest import work

WHY = "It sends what it reads elsewhere."
PAGE = "/market/globex/reader/"
SENTENCE = f"The marketplace has blocked it: It sends what it reads elsewhere. More: {PAGE}"
RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def stop(*marks: str, kind: str = "hard") -> UUID:
    """Block these, and give the block's id."""
    block = uuid7()
    revoke(
        marks=marks or [DIGEST],
        kind=Revocation.Kind(kind),
        block_id=block,
        reason=Reason("malware", WHY, PAGE),
        effective_at=timezone.now(),
    )
    return block


def start(api: APIClient, made: Crew) -> Run:
    answer = api.post(RUNS, {"crew": str(made.pk)})
    assert answer.status_code == 202, answer.data
    return Run.objects.get(pk=answer.data["id"])


def test_a_blocked_crew_starts_no_run_until_the_block_is_lifted(
    api: APIClient, installed: Installed, model: FakeLLM
) -> None:
    made = installed("model:any")
    block = stop()
    answer = api.post(RUNS, {"crew": str(made.pk)})
    assert (answer.status_code, answer.data["code"], answer.data["detail"]) == (409, "revoked", SENTENCE)
    assert not Run.objects.exists()
    restore(block_id=block)
    assert play(start(api, made)).status == "succeeded"


def test_a_queued_run_of_what_was_blocked_meanwhile_never_begins(
    api: APIClient, installed: Installed, model: FakeLLM
) -> None:
    run = start(api, installed("model:any"))
    stop()
    play(run)
    assert (run.status, run.stop_reason, run.stop_detail) == ("cancelled", "revoked", SENTENCE)
    assert (run.started_at, model.ledger()) == (None, [])
    assert not RunOutcome.objects.exists()


def test_a_run_under_way_stops_in_the_middle_of_an_answer_and_can_go_on_once_lifted(
    api: APIClient, installed: Installed, model: FakeLLM, acme: Tenant
) -> None:
    blocks: list[UUID] = []

    def script(_: object) -> Step:
        if not blocks:
            blocks.append(stop())
            connection.close()  # this is a thread of the model server
            return Fault("no_answer")
        return "In time."

    run = start(api, installed("model:any"))
    model.set_script(script)
    play(run)
    assert (run.status, run.stop_reason, run.stop_detail) == ("cancelled", "revoked", SENTENCE)
    assert len(model.ledger()) == 1, "nobody waited until the call had failed by itself and was made again"
    assert not run.model_calls.exists()
    told = RunOutcome.objects.get()
    assert (told.digest, told.tenant_id, told.run_id, told.kind, told.status) == (
        DIGEST, acme.pk, run.pk, "run", "cancelled",
    )  # fmt: skip
    assert api.post(f"{RUNS}{run.pk}/resume/").data["code"] == "revoked"
    restore(block_id=blocks[0])
    again = Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/resume/").data["id"])
    assert (play(again).output, again.manifest_digests) == ("In time.", [DIGEST])


def test_a_soft_block_warns_and_lets_it_run(api: APIClient, installed: Installed, model: FakeLLM) -> None:
    run = start(api, installed("model:any"))
    stop(kind="soft")
    with enter(PUBLIC):
        (lease,) = leases.claim_many(["crews"], most=1)
    ledger = Ledger.begin(lease)
    assert ledger is not None
    watcher.look_at([ledger])
    watcher.look_at([ledger])
    ledger.check()
    ledger.flush()
    assert [event.data["detail"] for event in run.events.filter(type="revocation.warning")] == [SENTENCE]


def test_a_blocked_tool_stops_whoever_uses_it(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    with_it, without = (
        create_crew(
            spec=crew(agent("one", tools=tools), task("t1", "one")).model_copy(update={"name": name}), by=alice_at_acme
        )
        for name, tools in (("With", ("calculator",)), ("Without", ()))
    )
    stop("tool:calculator")
    assert api.post(RUNS, {"crew": str(with_it.pk)}).data["code"] == "revoked"
    assert play(start(api, without)).status == "succeeded"


@pytest.mark.parametrize(("risk", "stops"), [(3, True), (2, False)])
def test_while_nobody_can_say_what_is_blocked_only_what_may_do_much_stops(
    api: APIClient, installed: Installed, model: FakeLLM, settings: Settings, risk: int, stops: bool
) -> None:
    run = start(api, installed("model:any", risk=risk))
    with enter(PUBLIC):
        (lease,) = leases.claim_many(["crews"], most=1)
    ledger = Ledger.begin(lease)
    assert ledger is not None
    settings.REVOCATIONS_UNKNOWN_SECONDS = 0.05
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE public.provenance_revocationepoch RENAME TO gone")
    while revoked.memory.known.age < 0.1:
        watcher.look_at([ledger])
    watcher.look_at([ledger])
    if stops:
        with pytest.raises(RunStopped) as stopped:
            ledger.check()
        assert stopped.value.reason == "revocations_unknown"
    else:
        ledger.check()
        ledger.flush()
        assert run.events.filter(type="revocation.warning").count() == 1


def test_a_schedule_skips_what_is_blocked_and_goes_on_afterwards(
    installed: Installed, alice_at_acme: Member, model: FakeLLM, acme: Tenant
) -> None:
    from agents.schedules.services import create_schedule

    schedule = create_schedule(
        crew=installed("model:any", "schedule"),
        fields={"name": "Leap days", "cron": "0 6 29 2 *", "inputs": {}},
        project=None,
        by=alice_at_acme,
    )

    def come_due() -> Schedule:
        Schedule.objects.update(next_at=timezone.now())
        begin_schedule(leases.Lease(uuid7(), acme.schema_name, "schedule", schedule.pk, "default", 1, 0))
        schedule.refresh_from_db()
        return schedule

    block = stop()
    assert come_due().last_outcome == f"Not started: {SENTENCE}"
    assert (schedule.is_enabled, Run.objects.count()) == (True, 0)
    restore(block_id=block)
    assert come_due().last_outcome == "Started."
    assert Run.objects.get().manifest_digests == [DIGEST]


def test_a_simulation_stops_at_its_next_stored_step_and_none_begins(
    in_acme: Tenant, alice_at_acme: Member, api: APIClient, acme: Tenant
) -> None:
    new = simulations.NewScenario(key="schelling", seed=5, grants=["compute"], manifest_digest=DIGEST)
    scenario = simulations.add_scenario(new=new, by=alice_at_acme)
    playing = simulations.Settings(steps=12)
    begun = simulations.create_simulation(scenario=scenario, settings=playing, start=True, by=alice_at_acme)
    Simulation.objects.update(started_at=timezone.now())
    block = stop()
    assert work()
    begun.refresh_from_db()
    assert (begun.status, begun.stop_reason, begun.stop_detail) == ("stopped", "revoked", SENTENCE)
    told = RunOutcome.objects.get()
    assert (told.kind, told.digest, told.tenant_id, told.status) == ("simulation", DIGEST, acme.pk, "stopped")
    refused = api.post(f"{API}simulations/", {"scenario": str(scenario.pk)})
    assert (refused.status_code, refused.data["code"]) == (409, "revoked")
    restore(block_id=block)
    assert api.post(f"{API}simulations/", {"scenario": str(scenario.pk)}).status_code in {201, 202}


def test_a_scenario_without_the_grant_uses_no_processor_time(
    in_acme: Tenant, alice_at_acme: Member, api: APIClient
) -> None:
    new = simulations.NewScenario(key="schelling", seed=5, grants=[], manifest_digest=DIGEST)
    scenario = simulations.add_scenario(new=new, by=alice_at_acme)
    refused = api.post(f"{API}simulations/", {"scenario": str(scenario.pk)})
    assert (refused.status_code, refused.data["code"]) == (403, "permission")
    assert not Simulation.objects.exists()

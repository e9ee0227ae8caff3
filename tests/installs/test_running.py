"""Agents and tools of the market at work, in crews that were made here; and runs while their crew is replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from agents.models import Agent, Crew
from agents.services import create_crew, start_agent_run, start_crew_run
from agents.tools.models import ConfiguredTool
from marketplace.installs.models import Installation
from marketplace.installs.services import Wish, roll_back, update_installation
from marketplace.models import InstallLedger, ListingVersion
from projects.models import Run
from tenants.access import Member
from tenants.context import enter
from tenants.errors import DomainError
from tenants.models import Tenant, User
from tests.agents.conftest import let_call, play
from tests.conftest import ApiOf
from tests.installs.conftest import Install
from tests.installs.shelf import helper, offer, reader, sums
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say


@pytest.fixture
def db(fresh_db: None) -> None:
    """Runs read and write on threads of their own, so what is there must be committed."""


def test_a_tool_works_under_its_own_name(
    install: Install, alice_at_acme: Member, api_of: ApiOf, client_of: Any, alice: User, model: FakeLLM
) -> None:
    there = install(offer(sums()))
    row = ConfiguredTool.objects.get()
    assert (there.tool_id, row.name, row.tool, row.manifest_digest) == (
        row.pk,
        "the_answer",
        "calculator",
        there.digest,
    )
    listed = api_of(alice).get("/w/acme/api/v1/tools/").json()["results"]
    told = next(each for each in listed if each["name"] == "the_answer")
    assert (told["title"], told["parameters"]["properties"], told["parameters"]["required"]) == ("The answer", {}, [])
    spec = crew(agent("anna", tools=("the_answer",)), task("t1", "anna")).model_copy(update={"name": "Ours"})
    made = create_crew(spec=spec, by=alice_at_acme)
    let_call(model, Call("the_answer", {}))
    run = play(start_crew_run(crew=made, inputs={}, by=alice_at_acme))
    assert (run.status, run.output) == ("succeeded", "42"), run.stop_detail
    assert run.manifest_digests == [there.digest]
    removing = f"/w/acme/api/v1/installations/{there.pk}/remove/"
    refused = api_of(alice).post(removing)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "The agent “anna” uses the tool" in refused.json()["detail"]
    assert "the_answer" in client_of(alice).get("/w/acme/settings/tools/").content.decode()


def test_an_agent_is_ours_to_change_and_stays_bound(
    install: Install, alice_at_acme: Member, api_of: ApiOf, alice: User, model: FakeLLM
) -> None:
    there = install(offer(helper()))
    made = Agent.objects.get()
    assert (there.agent_id, made.name, made.grants, made.manifest_digest) == (
        made.pk,
        "Helper",
        ["model:any"],
        there.digest,
    )
    address = f"/w/acme/api/v1/agents/{made.pk}/"
    changed = api_of(alice).patch(address, {"tools": ["search_knowledge"], "backstory": "Ours now."}, format="json")
    assert changed.status_code == 200, changed.json()
    let_call(model, Call("search_knowledge", {"query": "anything"}))
    run = play(start_agent_run(agent=Agent.objects.get(), inputs={"task": "Look it up."}, by=alice_at_acme))
    assert run.manifest_digests == [there.digest]
    assert "without the permission to use the tool search_knowledge" in run.output
    spec = crew(agent("bob"), task("t1", "bob")).model_copy(update={"name": "Ours"})
    ours = create_crew(spec=spec, by=alice_at_acme)
    ours.places.create(agent=made, position=1)
    ours.tasks.update(agent=made)
    let_call(model, Call("search_knowledge", {"query": "anything"}))
    second = play(start_crew_run(crew=ours, inputs={}, by=alice_at_acme))
    assert "without the permission" in second.output
    assert second.manifest_digests == [there.digest]


def test_a_run_that_has_begun_finishes_on_what_it_began_with(
    install: Install, alice_at_acme: Member, model: FakeLLM
) -> None:
    first = offer(reader())
    there = install(first)
    run: Run = start_crew_run(crew=Crew.objects.get(), inputs={"task": "Say hello."}, by=alice_at_acme)
    other = {"name": "anna", "role": "Somebody else", "goal": "Do otherwise."}
    answer = {"name": "otherwise", "description": "Do otherwise with {task}", "expected_output": "x", "agent": "anna"}
    spec = {"process": "sequential", "agents": [other], "tasks": [answer]}
    update_installation(installation=there, version=offer(reader("2.0.0", spec=spec)), by=alice_at_acme, wish=Wish())
    seen: list[str] = []

    def script(asked: Any) -> Say:
        seen.append(str(asked.messages))
        return Say("Hello.")

    model.set_script(script)
    run = play(run)
    assert (run.status, run.output, run.manifest_digests) == ("succeeded", "Hello.", [first.digest]), run.stop_detail
    assert not any("otherwise" in text for text in seen)


def started(acme: Tenant, by: Member) -> str:
    """Who works in a run that starts now, and who has its task."""
    try:
        with enter(acme.schema_name):
            run = start_crew_run(crew=Crew.objects.get(), inputs={"task": "Hello."}, by=by)
            return " ".join(each["name"] for each in run.snapshot["agents"] + run.snapshot["tasks"])
    finally:
        connections.close_all()


def replaced_and_back(there: Installation, newer: ListingVersion, acme: Tenant, by: Member) -> int:
    try:
        with enter(acme.schema_name):
            now = Installation.objects.get(pk=there.pk)
            now = update_installation(installation=now, version=newer, by=by, wish=Wish())
            return roll_back(installation=now, number=1, by=by, wish=Wish()).number
    finally:
        connections.close_all()


def test_whoever_starts_a_crew_while_it_is_replaced_gets_one_version_whole(
    install: Install, alice_at_acme: Member, in_acme: Tenant
) -> None:
    """Versions that share no agent and no task: a start that saw half of each would be refused, or mix them."""
    there = install(offer(reader()))
    other = {"name": "bob", "role": "Somebody else", "goal": "Do otherwise."}
    answer = {"name": "otherwise", "description": "Otherwise: {task}", "expected_output": "x", "agent": "bob"}
    spec = {"process": "sequential", "agents": [other], "tasks": [answer]}
    second = offer(reader("2.0.0", spec=spec))
    with ThreadPoolExecutor(4) as pool:
        change = pool.submit(replaced_and_back, there, second, in_acme, alice_at_acme)
        seen = {each.result() for each in [pool.submit(started, in_acme, alice_at_acme) for _ in range(24)]}
    assert change.result() == 3
    assert seen <= {"anna answer", "bob otherwise"}
    assert Run.objects.count() == 24


def test_of_two_updates_at_once_one_wins(install: Install, alice_at_acme: Member, in_acme: Tenant) -> None:
    there = install(offer(reader()))
    newer = [offer(reader(version, limits={"minutes": 4, "usd": 1.0})) for version in ("1.0.1", "1.0.2")]

    def update(version: ListingVersion) -> str:
        try:
            with enter(in_acme.schema_name):
                update_installation(installation=there, version=version, by=alice_at_acme, wish=Wish(), expected=1)
                return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(update, newer)) == ["done", "stale"]
    assert Installation.objects.get().pins.count() == 2
    assert InstallLedger.objects.get().digest == Installation.objects.get().digest

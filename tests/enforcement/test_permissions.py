"""What an agent from the market tries without leave is stopped below the model: the world outside sees nothing, and it is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from agents.services import create_crew, start_crew_run
from agents.tools.models import AllowedHost
from projects.models import PermissionViolation, Question, Run
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tenants.provenance.models import ViolationReport
from tests.agents.conftest import play
from tests.conftest import ClientOf
from tests.enforcement.conftest import DIGEST, Installed, Tried
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say
from tests.servers.web import Web
from tests.tools.conftest import MakeBench, bench_of, granted  # noqa: F401 - a fixture


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def violations(run: Run) -> list[tuple[str, str, str]]:
    return list(PermissionViolation.objects.filter(run=run).order_by("created_at").values_list("agent", "kind", "code"))


def fetch(web: Web) -> Call:
    return Call("fetch_web_page", {"url": web.url()})


def test_a_host_that_was_not_granted_sees_nothing_and_the_third_try_ends_the_run(
    installed: Installed, tried: Tried, reachable: Web, alice: User, acme: Tenant, client_of: ClientOf
) -> None:
    made = installed("model:any", "tool:fetch_web_page", "network:good.example", tools=("fetch_web_page",))
    run = tried(made, *[fetch(reachable)] * 5)
    assert reachable.connections == 0
    assert (run.status, run.stop_reason) == ("failed", "permission")
    assert violations(run) == [("anna", "network", "network:127.0.0.1")] * 3
    report = ViolationReport.objects.get()
    assert (report.digest, report.tenant_id, report.run_id, report.code) == (DIGEST, acme.pk, run.pk, "network")
    told = Notification.objects.get(user=alice, kind="violation")
    assert told.title == "“Reader” tried what it was not allowed to"
    page = client_of(alice).get(f"/w/acme/runs/{run.pk}/").content.decode()
    assert "installed without the permission to send GET to 127.0.0.1" in page


def test_a_granted_host_is_reached_by_the_granted_methods_alone(
    installed: Installed, tried: Tried, reachable: Web, alice: User, client_of: ClientOf
) -> None:
    AllowedHost.objects.create(host="127.0.0.1", methods=["GET", "POST"])
    made = installed(
        "model:any",
        "tool:http_request",
        "network:127.0.0.1",
        tools=("http_request",),
        methods={"127.0.0.1": ["GET"]},
    )
    run = tried(
        made,
        Call("http_request", {"url": reachable.url()}),
        Call("http_request", {"url": reachable.url(), "method": "POST", "body": "x"}),
    )
    assert [asked.method for asked in reachable.asked] == ["GET"]
    assert violations(run) == [("anna", "network", "network:127.0.0.1")]
    assert run.status == "succeeded"
    assert run.output.endswith("This was installed without the permission to send POST to 127.0.0.1.")
    page = client_of(alice).get(f"/w/acme/runs/{run.pk}/").content.decode()
    assert "Stopped at what it may not: This was installed without the permission to send POST" in page


TRIES: list[tuple[str, dict[str, Any], list[str], tuple[str, str]]] = [
    ("calculator", {"expression": "1+1"}, [], ("tool", "tool:calculator")),
    ("search_knowledge", {"query": "tides"}, [], ("knowledge", "knowledge:read")),
    ("write_file", {"name": "a.txt", "content": "x"}, ["files:read"], ("files", "files:write")),
    ("read_file", {"name": "a.txt"}, ["files:write"], ("files", "files:read")),
    ("send_message", {"to": "bob", "text": "hi"}, ["messages:read"], ("messages", "messages:send")),
    ("ask_agent", {"agent": "bob", "question": "?"}, ["model:any"], ("delegate", "delegate")),
    ("fetch_web_page", {"url": "https://good.example/"}, [], ("network", "network:")),
]


@pytest.mark.parametrize(("name", "arguments", "others", "lacking"), TRIES, ids=[each[0] for each in TRIES])
def test_a_tool_whose_permission_is_lacking_does_nothing(
    bench_of: MakeBench,  # noqa: F811
    name: str,
    arguments: dict[str, Any],
    others: list[str],
    lacking: tuple[str, str],
) -> None:
    told: list[tuple[str, str]] = []
    codes = others if name == "calculator" else [f"tool:{name}", *others]
    bench = bench_of(leave=granted(*codes), trespassed=lambda what, *_: told.append((what.kind, what.code)))
    with pytest.raises(Exception, match="installed without"):
        bench.use(name, **arguments)
    assert told == [lacking]
    assert [tool for tool, _ in bench.refused] == [name]
    assert bench.context.files.list() == []


def test_of_a_tool_only_the_granted_operations_work(bench_of: MakeBench) -> None:  # noqa: F811
    told: list[str] = []
    leave = granted("tool:http_request", "network:*", operations={"http_request": ["get"]}, methods={"*": ["POST"]})
    bench = bench_of(leave=leave, trespassed=lambda what, *_: told.append(what.code))
    with pytest.raises(Exception, match="to use http_request for “post”"):
        bench.use("http_request", url="https://good.example/", method="POST")
    assert told == ["tool:http_request#post"]


@pytest.mark.parametrize(("grants", "llm"), [(["model:ollama"], ""), (["model:ollama"], "openai/gpt-4o"), ([], "")])
def test_a_provider_that_was_not_granted_is_not_asked(
    installed: Installed, tried: Tried, model: FakeLLM, grants: list[str], llm: str
) -> None:
    run = tried(installed(*grants, llm=llm))
    assert model.ledger() == []
    assert (run.status, run.stop_reason) == ("failed", "permission")
    assert run.stop_detail == "“anna” was installed without the permission to call the models of openai."
    assert violations(run) == [("anna", "model", "model:openai")]


def test_a_budget_that_was_granted_holds_whatever_the_crew_says(
    installed: Installed, tried: Tried, model: FakeLLM, settings: Settings
) -> None:
    settings.LLM = settings.LLM | {"openai_model": "gpt-4o"}
    made = installed("model:any", "budget", usd=0.000001)
    made.limits = {"usd": 50.0}
    made.save()
    run = tried(made)
    assert model.ledger() == []
    assert (run.status, run.cost) == ("over_budget", Decimal(0))
    assert violations(run) == [("anna", "budget", "budget")]


def test_work_is_handed_to_nobody_without_leave(installed: Installed, tried: Tried, model: FakeLLM) -> None:
    order = Call("delegate_work_to_coworker", {"coworker": "The bob", "task": "Do it.", "context": "None."})
    run = tried(installed("model:any", delegates=True), order)
    assert violations(run) == [("anna", "delegate", "delegate")]
    assert all("The bob" not in str(seen.messages[0]["content"])[:20] for seen in model.ledger())
    assert len(model.ledger()) == 2


def test_a_person_is_asked_before_a_tool_that_the_manifest_names_whatever_the_task_says(
    installed: Installed, tried: Tried, reachable: Web
) -> None:
    grants = ("model:any", "tool:fetch_web_page", "network:127.0.0.1")
    made = installed(*grants, tools=("fetch_web_page",), approvals=["fetch_web_page"])
    assert made.tasks.get().ask_before_tools == []
    run = tried(made, fetch(reachable))
    assert run.status == "waiting"
    assert Question.objects.get(run=run).details["tool"] == "fetch_web_page"
    assert reachable.connections == 0


def test_an_installed_agent_stays_bound_in_a_crew_that_was_made_here(
    installed: Installed, model: FakeLLM, reachable: Web, alice_at_acme: Member
) -> None:
    bought = installed("model:any", tools=("fetch_web_page",)).agents.get(name="anna")
    own = create_crew(spec=crew(agent("carl"), task("t1", "carl")), by=alice_at_acme)
    own.places.create(agent=bought, position=1)
    own.tasks.update(agent=bought)
    calls = iter([Say(calls=[fetch(reachable)])])
    model.set_script(lambda _: next(calls, Say("done")))
    run = play(start_crew_run(crew=own, inputs={}, by=alice_at_acme))
    assert reachable.connections == 0
    assert violations(run) == [("anna", "tool", "tool:fetch_web_page")]
    assert run.manifest_digests == [DIGEST]


def test_what_was_made_here_is_bound_by_nothing(
    alice_at_acme: Member, in_acme: Tenant, tried: Tried, reachable: Web
) -> None:
    spec = crew(agent("anna", tools=("fetch_web_page",)), task("t1", "anna"))
    run = tried(create_crew(spec=spec, by=alice_at_acme), fetch(reachable))
    assert "hello there" in run.output
    assert violations(run) == []


def test_an_agent_that_answers_another_does_not_get_around_a_persons_leave(
    model: FakeLLM, reachable: Web, in_acme: Tenant, alice_at_acme: Member
) -> None:
    spec = crew(agent("anna", tools=("ask_agent",)), agent("bob", tools=("fetch_web_page",)), task("t1", "anna"))
    grants = ["model:any", "delegate", "tool:ask_agent", "tool:fetch_web_page", "network:127.0.0.1"]
    bounds = {"approvals": ["fetch_web_page"]}
    made = create_crew(spec=spec, by=alice_at_acme, grants=grants, bounds=bounds, manifest_digest=DIGEST)

    def script(seen: Any) -> Say:
        last = seen.messages[-1]
        if last["role"] == "tool":
            return Say(str(last["content"]))
        is_bob = "You are The bob" in str(seen.messages[0]["content"])
        asked = Call("ask_agent", {"agent": "bob", "question": "Read it."})
        return Say(calls=[fetch(reachable) if is_bob else asked])

    model.set_script(script)
    run = play(start_crew_run(crew=made, inputs={}, by=alice_at_acme))
    assert reachable.connections == 0
    assert [(who.partition(" ~")[0], kind, code) for who, kind, code in violations(run)] == [
        ("bob", "approval", "tool:fetch_web_page")
    ]

"""Tools in a real run: its record, its files, its messages, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from agents.services import create_crew, start_crew_run
from agents.tools import services
from agents.tools.files import RunFiles
from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant, User
from tests.agents.conftest import API, model, play, sending_json  # noqa: F401 - model is a fixture
from tests.conftest import ApiOf
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say

Played = Callable[..., Run]


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def played(in_acme: Tenant, alice_at_acme: Member, model: FakeLLM) -> Played:  # noqa: F811 - the fixture above
    """A crew of anna and bob whose models make these calls, one after the other, and then answer with the last tool's text."""

    def run_it(calls: dict[str, list[Call]], *, grants: list[str] | None = None) -> Run:
        names = {who: tuple(dict.fromkeys(call.name for call in made)) for who, made in calls.items()}
        spec = crew(
            *(agent(who, role=f"role of {who}", tools=names[who]) for who in calls),
            *(task(f"t_{who}", who) for who in calls),
        )
        made = create_crew(spec=spec.model_copy(update={"name": "Crew"}), by=alice_at_acme, grants=grants)
        left = {who: list(each) for who, each in calls.items()}

        def answer(seen: Any) -> Say:
            who = next(who for who in left if f"role of {who}" in str(seen.messages[0]["content"]))
            if left[who] and seen.tools:
                return Say(calls=[left[who].pop(0)])
            last = seen.messages[-1]
            return Say(str(last["content"]) if last["role"] == "tool" else "done")

        model.set_script(answer)
        return play(start_crew_run(crew=made, inputs={}, by=alice_at_acme))

    return run_it


def effects(run: Run) -> list[tuple[str, str, str]]:
    return [(each.tool, each.state, each.answer[:80]) for each in run.effects.order_by("id")]


def test_files_messages_and_shared_values(played: Played, api: APIClient) -> None:
    run = played(
        {
            "anna": [
                Call("write_file", {"name": "notes.txt", "content": "<script>alert(1)</script>"}),
                Call("send_message", {"to": "bob", "content": "look at notes.txt"}),
                Call("put_shared", {"key": "n", "value": 42}),
            ],
            "bob": [
                Call("read_messages", {}),
                Call("get_shared", {"key": "n"}),
                Call("read_file", {"name": "notes.txt"}),
            ],
        }
    )
    assert (run.status, run.stop_detail) == ("succeeded", "")
    assert run.output == "<script>alert(1)</script>"
    assert effects(run) == [
        ("write_file", "done", "notes.txt is written: 25 bytes."),
        ("send_message", "done", "bob has it."),
        ("put_shared", "done", "“n” has version 1 now."),
        ("read_messages", "done", "From anna (direct): look at notes.txt"),
        ("get_shared", "done", "[version 1, by anna]\n42"),
        ("read_file", "done", "<script>alert(1)</script>"),
    ]
    assert [(each.sender, each.recipient, each.content, each.kind) for each in run.messages.filter(kind="direct")] == [
        ("anna", "bob", "look at notes.txt", "direct")
    ]
    listed = api.get(f"{API}runs/{run.pk}/files/").data["results"]
    assert [(each["name"], each["size"]) for each in listed] == [("notes.txt", 25)]
    got = api.get(f"{API}runs/{run.pk}/files/notes.txt")
    assert got.content == b"<script>alert(1)</script>"
    assert got["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for name in ("other.txt", "..", "%2e%2e%2fx", "notes.txt%00"):
        assert api.get(f"{API}runs/{run.pk}/files/{name}").status_code == 404


def test_another_workspace_sees_no_files(played: Played, api_of: ApiOf, mallory: User, globex: Tenant) -> None:
    run = played({"anna": [Call("write_file", {"name": "a.txt", "content": "secret"})]})
    assert RunFiles.of("t_acme", run.pk).read("a.txt") == b"secret"
    stranger = sending_json(api_of(mallory))
    for slug in ("acme", "globex"):
        assert stranger.get(f"/w/{slug}/api/v1/runs/{run.pk}/files/").status_code == 404
        assert stranger.get(f"/w/{slug}/api/v1/runs/{run.pk}/files/a.txt").status_code == 404


def test_another_agent_is_asked_on_record(played: Played) -> None:
    run = played(
        {
            "anna": [Call("ask_agent", {"agent": "bob", "question": "6 times 7?"})],
            "bob": [Call("calculator", {"expression": "6*7"})],
        }
    )
    assert run.status == "succeeded", run.stop_detail
    keys = list(run.model_calls.filter(task="t_anna").order_by("pk").values_list("key", flat=True))
    assert [key.partition("/")[2].partition(" ~")[0] for key in keys] == ["anna/m1", "bob", "bob", "anna/m2"]
    assert effects(run)[:2] == [("ask_agent", "done", "42"), ("calculator", "done", "42")]


def test_what_was_not_granted_is_refused_on_record(played: Played) -> None:
    run = played(
        {"anna": [Call("calculator", {"expression": "1+1"}), Call("write_file", {"name": "a.txt", "content": "x"})]},
        grants=["tool:write_file", "files:write", "model:any"],
    )
    reason = "This was installed without the permission to use the tool calculator."
    assert effects(run)[0][:2] == ("calculator", "refused")
    assert effects(run)[1] == ("write_file", "done", "a.txt is written: 1 bytes.")
    told = run.events.filter(type="tool.refused").first()
    assert told is not None
    assert (told.data["tool"], told.data["reason"]) == ("calculator", reason)


def test_a_tool_whose_server_was_removed_is_refused_and_not_missing(
    in_acme: Tenant,
    alice_at_acme: Member,
    model: FakeLLM,  # noqa: F811
) -> None:
    server = services.add_server(name="tracker", url="https://tracker.example/mcp", by=alice_at_acme)
    nothing = {"type": "object", "properties": {}}
    server.tools = [{"name": "find", "description": "Finds.", "parameters": nothing, "reads_only": True}]
    server.save()
    made = create_crew(spec=crew(agent("anna", tools=("mcp:tracker/find",)), task("t1", "anna")), by=alice_at_acme)
    model.set_script(
        lambda seen: Say(calls=[Call("mcp_tracker_find", {})]) if seen.messages[-1]["role"] != "tool" else Say("sorry")
    )
    run = start_crew_run(crew=made, inputs={}, by=alice_at_acme)
    services.remove_server(server=server, by=alice_at_acme)
    run = play(run)
    assert effects(run)[0][:2] == ("mcp_tracker_find", "refused")
    reason = "There is no tool mcp:tracker/find in this workspace any more."
    assert run.events.get(type="tool.refused").data["reason"] == reason

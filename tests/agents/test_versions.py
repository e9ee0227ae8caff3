"""`crews/{id}/versions/`: every change leaves a version; one can be compared, and brought back."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from agents.models import Agent, Crew, DefinitionVersion
from projects.models import Run
from tenants.models import Tenant, User
from tests.agents.conftest import API, sending_json
from tests.conftest import ApiOf, ClientOf


@pytest.fixture
def door(relay: Crew) -> str:
    return f"{API}crews/{relay.pk}/versions/"


def numbers(api: APIClient, door: str) -> list[int]:
    return [version["number"] for version in api.get(door).data["results"]]


def change(api: APIClient, crew: Crew, task: str, **fields: Any) -> None:
    answer = api.patch(f"{API}tasks/{crew.tasks.get(name=task).pk}/", fields)
    assert answer.status_code == 200, answer.data


def test_every_change_leaves_a_version_that_says_what_is_different(api: APIClient, relay: Crew, door: str) -> None:
    assert numbers(api, door) == [1]
    change(api, relay, "t1", description="Do t1 well. About {topic}.", condition='"tides" in inputs.topic')
    change(api, relay, "t1", description="Do t1 well. About {topic}.")
    assert numbers(api, door) == [2, 1], "a change that changes nothing leaves none"
    found = api.get(f"{door}2/").data
    assert (found["against"], found["made_by"], len(found["digest"])) == (1, "Alice Archer", 64)
    assert [dict(each) for each in found["differences"]] == [
        {"path": "tasks.t1.condition", "before": "", "after": '"tides" in inputs.topic'},
        {"path": "tasks.t1.description", "before": "Do t1. About {topic}.", "after": "Do t1 well. About {topic}."},
    ]
    assert api.get(f"{door}2/?against=2").data["differences"] == []
    assert [api.get(f"{door}{bad}").status_code for bad in ("7/", "1/?against=9", "1/?against=x", "1/?for=2")] == [
        404,
        404,
        400,
        400,
    ]


def test_a_change_of_an_agent_is_a_version_of_its_crews_too(api: APIClient, relay: Crew, door: str) -> None:
    editor = Agent.objects.get(name="editor")
    api.patch(f"{API}agents/{editor.pk}/", {"goal": "Be brief.", "max_seconds": 90, "max_tokens": 200})
    assert numbers(api, door) == [2, 1]
    paths = [each["path"] for each in api.get(f"{door}2/").data["differences"]]
    assert paths == ["agents.editor.goal", "agents.editor.max_seconds", "agents.editor.max_tokens"]
    assert numbers(api, f"{API}agents/{editor.pk}/versions/") == [1]
    assert api.get(f"{API}agents/{editor.pk}/versions/1/").data["definition"]["goal"] == "Be brief."


def test_a_removed_task_can_be_brought_back(api: APIClient, relay: Crew, door: str) -> None:
    before = api.get(f"{API}crews/{relay.pk}/").data
    api.delete(f"{API}tasks/{relay.tasks.get(name='t3').pk}/")
    api.patch(f"{API}crews/{relay.pk}/", {"name": "Sprint", "process": "parallel", "max_parallel": 3})
    restored = api.post(f"{door}1/restore/")
    assert restored.status_code == 200, restored.data
    for part in ("name", "process", "max_parallel", "inputs"):
        assert restored.data[part] == before[part]
    assert [task["name"] for task in restored.data["tasks"]] == ["t1", "t2", "t3"]
    assert [agent["id"] for agent in restored.data["agents"]] == [agent["id"] for agent in before["agents"]]
    assert numbers(api, door) == [4, 3, 2, 1]
    digests = list(DefinitionVersion.objects.filter(kind="crew").order_by("number").values_list("digest", flat=True))
    assert digests[0] == digests[3]


def test_an_agent_of_two_crews_is_not_changed_behind_the_others_back(
    api: APIClient, relay: Crew, door: str, in_acme: Tenant
) -> None:
    editor = Agent.objects.get(name="editor")
    other = Crew.objects.create(name="Other")
    other.places.create(agent=editor, position=0)
    api.patch(f"{API}agents/{editor.pk}/", {"goal": "Be brief."})
    restored = api.post(f"{door}1/restore/").data
    editor.refresh_from_db()
    assert editor.goal == "Be brief."
    own = next(agent for agent in restored["agents"] if agent["name"] == "editor")
    assert (own["goal"], own["id"] == str(editor.pk)) == ("Be a good editor.", False)


def test_a_run_says_which_version_it_started_with(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    change(api, relay, "t2", expected_output="Two lines.")
    answer = api.post(f"{API}runs/", {"crew": str(relay.pk), "inputs": {"topic": "tides"}, "priority": 9})
    run = Run.objects.get(pk=answer.data["id"])
    assert (run.snapshot["version"], run.priority) == (2, 9)


def test_every_field_of_a_task_goes_in_and_comes_out(api: APIClient, relay: Crew) -> None:
    said: dict[str, Any] = {
        "condition": '"yes" in outputs.t1.text',
        "tools": ["calculator"],
        "ask_before_tools": ["calculator"],
        "ask_input": [{"name": "reader", "description": "Who reads it?", "default": None}],
        "on_failure": "continue",
        "checks": {"min_words": 5, "max_words": 50, "must_cite": True, "must_match": "^Dear"},
        "llm": "openai/gpt-4o-mini",
        "temperature": 0.5,
        "max_tokens": 300,
        "limits": {"seconds": 60, "model_calls": 4, "tokens": 5000, "usd": 0.5},
    }
    change(api, relay, "t2", **said)
    shown = api.get(f"{API}tasks/{relay.tasks.get(name='t2').pk}/").data
    assert {name: shown[name] for name in said} == said


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"condition": "__import__('os').system('x')"}, "condition"),
        ({"on_failure": "ignore"}, "on_failure"),
        ({"checks": {"min_words": -1}}, "checks.min_words"),
        ({"checks": {"nonsense": 1}}, "checks.nonsense"),
        ({"limits": {"usd": 1e9}}, "limits.usd"),
        ({"temperature": 3}, "temperature"),
        ({"ask_input": [{"name": "no name"}]}, "ask_input[0].name"),
    ],
)
def test_what_a_task_cannot_say_is_refused_and_leaves_no_version(
    api: APIClient, relay: Crew, door: str, said: dict[str, Any], field: str
) -> None:
    answer = api.patch(f"{API}tasks/{relay.tasks.get(name='t2').pk}/", said)
    assert answer.status_code == 400, answer.data
    assert answer.data["errors"][0]["field"].endswith(field)
    assert numbers(api, door) == [1]


def test_nobody_else_can(api_of: ApiOf, victor: User, mallory: User, door: str) -> None:
    looks, stranger = sending_json(api_of(victor)), sending_json(api_of(mallory))
    assert [looks.get(door).status_code, looks.post(f"{door}1/restore/").status_code] == [200, 403]
    assert [stranger.get(door).status_code, stranger.post(f"{door}1/restore/").status_code] == [404, 404]


def test_the_page_compares_two_and_brings_one_back(
    api: APIClient, relay: Crew, client_of: ClientOf, alice: User, victor: User, mallory: User
) -> None:
    client, page = client_of(alice), f"/w/acme/crews/{relay.pk}/versions/"
    assert "From version" not in client.get(page).content.decode(), "one version has nothing to be compared with"
    change(api, relay, "t1", description="Do t1 <i>well</i>. About {topic}.", human_input=True)
    change(api, relay, "t1", markdown=True)
    shown = " ".join(client.get(page, {"from": "1", "to": "2"}).content.decode().split())
    assert "Do <del>t1. </del><ins>t1 &lt;i&gt;well&lt;/i&gt;. </ins>About {topic}." in shown
    assert "<h3>Tasks, T1, Human input</h3>" in shown
    assert "<del>no</del><ins>yes</ins>" in shown
    assert "<h3>Tasks, T1, Markdown</h3>" in client.get(page).content.decode(), "the newest with the one before"
    assert [client.get(page, {"from": number}).status_code for number in ("9", "x")] == [404, 200]
    assert "Bring back" not in client_of(victor).get(page).content.decode()
    assert client_of(victor).post(f"{page}1/restore/").status_code == 403
    assert client_of(mallory).get(page).status_code == 404
    assert DefinitionVersion.objects.filter(kind="crew").count() == 3
    assert client.post(f"{page}1/restore/").headers["Location"] == page
    assert relay.tasks.get(name="t1").description == "Do t1. About {topic}."

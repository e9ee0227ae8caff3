"""CrewAI's files in and out through the API."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from agents.models import Agent, Crew, Task
from tenants.models import User
from tests.agents.conftest import API, fields, sending_json
from tests.conftest import ApiOf
from tests.crewfiles.samples import NAMES, sample

pytestmark = pytest.mark.usefixtures("in_acme")
IMPORT = f"{API}crews/import/"


def body(name: str) -> dict[str, str]:
    agents, tasks = sample(name)
    return {"name": name.title(), "agents": agents, "tasks": tasks}


def test_two_texts_become_a_crew_with_notices(api: APIClient) -> None:
    answer = api.post(IMPORT, body("research"))
    assert answer.status_code == 201, answer.data
    crew = answer.data["crew"]
    assert (crew["name"], crew["source"]) == ("Research", "crewai-files")
    assert [each["name"] for each in crew["agents"]] == ["researcher", "reporting_analyst"]
    assert [given["name"] for given in crew["inputs"]] == ["topic", "current_year"]
    assert [(notice["file"], notice["line"], notice["column"]) for notice in answer.data["notices"]] == [
        ("tasks.yaml", 18, 3)
    ]


def test_two_uploads_do_the_same(api: APIClient) -> None:
    agents, tasks = sample("newsletter")
    files = {
        "agents": SimpleUploadedFile("agents.yaml", agents.encode()),
        "tasks": SimpleUploadedFile("tasks.yaml", tasks.encode()),
    }
    answer = api.post(IMPORT, {"name": "Newsletter", **files}, format="multipart")
    assert answer.status_code == 201, answer.data
    assert [each["name"] for each in answer.data["crew"]["tasks"]] == ["politics", "economy", "letter"]
    assert len(answer.data["notices"]) == 5


@pytest.mark.parametrize("name", NAMES)
def test_export_and_import_again_give_the_same_crew(api: APIClient, name: str) -> None:
    first = api.post(IMPORT, body(name)).data["crew"]
    files = api.get(f"{API}crews/{first['id']}/export/")
    assert files.status_code == 200, files.data
    again = api.post(IMPORT, {"name": "Again", **files.data}).data["crew"]
    own = {"id", "crew", "agent", "created_at", "updated_at"}
    for part in ("agents", "tasks"):
        stripped = [
            [{key: value for key, value in each.items() if key not in own} for each in crew[part]]
            for crew in (first, again)
        ]
        assert stripped[0] == stripped[1]


def test_what_crewai_has_no_field_for_comes_along(api: APIClient) -> None:
    first = api.post(IMPORT, body("research")).data["crew"]
    more = {"condition": "inputs.topic != ''", "limits": {"usd": 0.5}, "on_failure": "continue", "llm": "gpt-4o"}
    task = f"{API}tasks/{first['tasks'][1]['id']}/"
    assert api.patch(task, more, HTTP_IF_MATCH=api.get(task)["ETag"]).status_code == 200
    crew = f"{API}crews/{first['id']}/"
    own = {"process": "parallel", "limits": {"tokens": 9_000}, "max_parallel": 3}
    assert api.patch(crew, own, HTTP_IF_MATCH=api.get(crew)["ETag"]).status_code == 200
    files = api.get(f"{crew}export/").data
    assert "condition" not in files["tasks"]
    again = api.post(IMPORT, {"name": "Again", **files}).data["crew"]
    kept = api.get(crew).data
    assert {name: again[name] for name in own} == {name: kept[name] for name in own}
    assert again["process"] == "parallel"
    assert {name: again["tasks"][1][name] for name in more} == {name: kept["tasks"][1][name] for name in more}
    assert again["tasks"][1]["condition"] == more["condition"]


def test_what_is_wrong_is_named_with_its_place_and_nothing_is_made(api: APIClient) -> None:
    answer = api.post(IMPORT, {**body("research"), "tasks": "draft:\n  agent: writer\n  agent: editor\n"})
    assert answer.status_code == 400
    assert (answer.data["code"], fields(answer)) == ("crew_files_invalid", [("tasks.yaml:3:3", "duplicate_key")])
    assert answer.data["detail"] == "tasks.yaml, line 3, column 3: This key stands here twice. Remove or rename one."
    assert not any(rows.exists() for rows in (Crew.objects, Agent.objects, Task.objects))


def test_a_file_over_a_megabyte(api: APIClient) -> None:
    answer = api.post(IMPORT, {**body("research"), "agents": "x" * 1_000_001})
    assert fields(answer) == [("agents.yaml:1:1", "too_large")]


@pytest.mark.parametrize("wrong", [{"a": 1}, 5, None])
def test_something_that_is_no_text(api: APIClient, wrong: object) -> None:
    answer = api.post(IMPORT, {**body("research"), "agents": wrong})
    assert answer.status_code == 400
    assert fields(answer)[0][0] == "agents"


def test_the_second_import_of_a_name_is_refused(api: APIClient) -> None:
    assert api.post(IMPORT, body("support")).status_code == 201
    answer = api.post(IMPORT, body("support"))
    assert (answer.status_code, fields(answer)) == (409, [("name", "taken")])
    assert Agent.objects.count() == 2


def test_who_may_only_look(api_of: ApiOf, victor: User) -> None:
    assert sending_json(api_of(victor)).post(IMPORT, body("support")).status_code == 403
    assert not Crew.objects.exists()

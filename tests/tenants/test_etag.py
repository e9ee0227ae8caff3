"""`ETag` and `If-Match`: nobody overwrites what they have not seen."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tenants.models import Tenant, User
from tests.conftest import ApiOf

PROJECTS = "/w/acme/api/v1/projects/"


@pytest.fixture
def api(api_of: ApiOf, alice: User) -> APIClient:
    return api_of(alice)


@pytest.fixture
def project(api: APIClient, in_acme: Tenant) -> tuple[str, str]:
    """Its address and its ETag."""
    made = api.post(PROJECTS, {"name": "first"}, format="json")
    address = f"{PROJECTS}{made.json()['id']}/"
    assert api.get(address)["ETag"] == made["ETag"]
    return address, made["ETag"]


def test_with_the_newest_etag_it_is_changed_and_gets_another(api: APIClient, project: tuple[str, str]) -> None:
    address, tag = project
    changed = api.patch(address, {"name": "second"}, format="json", headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "second")
    assert changed["ETag"] == api.get(address)["ETag"] != tag


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_with_an_older_one_it_is_refused_and_stays(api: APIClient, project: tuple[str, str], method: str) -> None:
    address, tag = project
    api.patch(address, {"name": "second"}, format="json")
    answer = api.generic(method, address, '{"name": "third"}', "application/json", headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert Project.objects.get().name == "second"


@pytest.mark.parametrize("given", ["*", 'W/"x", {tag}', "{tag}"])
def test_forms_that_match(api: APIClient, project: tuple[str, str], given: str) -> None:
    address, tag = project
    answer = api.patch(address, {"name": "second"}, format="json", headers={"If-Match": given.format(tag=tag)})
    assert answer.status_code == 200


@pytest.mark.parametrize("given", ["W/{tag}", '""', "nonsense"])
def test_forms_that_do_not(api: APIClient, project: tuple[str, str], given: str) -> None:
    address, tag = project
    answer = api.patch(address, {"name": "second"}, format="json", headers={"If-Match": given.format(tag=tag)})
    assert (answer.status_code, Project.objects.get().name) == (412, "first")


def test_the_same_name_in_two_workspaces_has_two_tags(
    api: APIClient, api_of: ApiOf, mallory: User, project: tuple[str, str]
) -> None:
    theirs = api_of(mallory).post("/w/globex/api/v1/projects/", {"name": "first"}, format="json")
    assert theirs["ETag"] != project[1]

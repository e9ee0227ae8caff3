"""The API's description: complete, valid, committed, and served where the contracts say."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import path
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response

from config.documentation import PUBLIC, WORKSPACE, Undescribed, describe_strictly
from tenants.api import WorkspaceView
from tenants.models import User
from tests.conftest import ClientOf


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="module", params=[PUBLIC, WORKSPACE])
def description(request: pytest.FixtureRequest) -> dict[str, Any]:
    return describe_strictly(request.param)


def test_the_committed_files_are_what_the_code_says() -> None:
    shown = StringIO()
    try:
        call_command("check_openapi", stderr=shown)
    except CommandError as drifted:
        pytest.fail(f"{drifted}\n{shown.getvalue()}")


def test_a_changed_door_is_noticed(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path
    call_command("check_openapi", "--write")
    call_command("check_openapi")
    kept = tmp_path / "docs" / "openapi-public.json"
    kept.write_text(kept.read_text().replace("users_me", "users_you"))
    shown = StringIO()
    with pytest.raises(CommandError, match=r"The code says otherwise than openapi-public\.json"):
        call_command("check_openapi", stderr=shown)
    assert "users_you" in shown.getvalue()


class Silent(WorkspaceView):
    def get(self, request: Request) -> Response:
        return Response({"what": "is this?"})


urlpatterns = [path("silent/", Silent.as_view())]


def test_a_door_that_does_not_describe_itself_is_an_error() -> None:
    with pytest.raises(Undescribed):
        describe_strictly(__name__)


def test_every_operation_says_how_it_refuses(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        refusals = {status for status in operation["responses"] if status >= "400"}
        assert {"400", "406", "429"} <= refusals, name
        if {} not in operation.get("security", [{}]):
            assert {"401", "403", "404"} <= refusals, name
        if name.startswith("PATCH"):
            assert "412" in refusals, name
            assert "If-Match" in [p["name"] for p in operation["parameters"]], name


def test_every_door_of_a_workspace_asks_for_a_proof_and_every_post_can_be_repeated() -> None:
    for name, operation in operations(describe_strictly(WORKSPACE)).items():
        assert operation["security"] == [{"apiKey": []}, {"accessToken": []}, {"session": []}], name
        if name.startswith("POST"):
            assert "Idempotency-Key" in [p["name"] for p in operation["parameters"]], name
            assert "422" in operation["responses"], name


def test_every_list_is_in_pages() -> None:
    found = operations(describe_strictly(WORKSPACE))["GET /api/v1/members/"]
    assert [p["name"] for p in found["parameters"]] == ["cursor", "page_size"]
    page = describe_strictly(WORKSPACE)["components"]["schemas"]["PaginatedMemberOutList"]
    assert sorted(page["properties"]) == ["next", "previous", "results"]


def test_unknown_fields_are_described_as_refused() -> None:
    schemas = describe_strictly(WORKSPACE)["components"]["schemas"]
    assert schemas["ProjectInRequest"]["additionalProperties"] is False
    assert schemas["PatchedProjectInRequest"]["additionalProperties"] is False


def test_it_is_served_to_everybody_with_the_right_server(db: None) -> None:
    public, acme, nowhere = (Client().get(f"{at}/api/v1/schema/") for at in ("", "/w/acme", "/w/nowhere"))
    assert [a.json()["servers"] for a in (public, acme, nowhere)] == [
        [{"url": "/"}],
        [{"url": "/w/acme"}],
        [{"url": "/w/nowhere"}],
    ]
    assert acme.json()["paths"] == nowhere.json()["paths"]
    yaml = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert yaml.content.startswith(b"openapi: 3.1")


@pytest.mark.parametrize("at", ["", "/w/acme"])
def test_it_can_be_looked_at(client_of: ClientOf, alice: User, at: str) -> None:
    page = client_of(alice).get(f"{at}/api/v1/docs/")
    assert page.status_code == 200
    assert b"swagger-ui" in page.content
    assert f"{settings.STATIC_URL}drf_spectacular_sidecar/".encode() in page.content

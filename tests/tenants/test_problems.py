"""Every refusal of the API is a problem (RFC 9457) that says what is wrong; none is a server error."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from projects.models import Project
from tenants.models import Tenant, User
from tests.conftest import ApiOf

PROJECTS = "/w/acme/api/v1/projects/"
JSON = "application/json"


def check(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["code"] == code
    assert set(found) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (found["status"], found["type"]) == (status, "about:blank")
    return found


@pytest.fixture
def api(api_of: ApiOf, alice: User) -> APIClient:
    return api_of(alice)


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/w/acme/api/v1/nothing/", "/w/nowhere/api/v1/nothing/", "/api/"])
def test_an_unknown_address(db: None, path: str) -> None:
    check(Client().get(path), 404, "not_found")
    check(Client().post(path, "{}", content_type=JSON), 404, "not_found")


def test_a_method_that_the_door_does_not_have(api: APIClient) -> None:
    for method in ("PUT", "DELETE", "TRACE", "PROPFIND"):
        answer = api.generic(method, PROJECTS)
        check(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"
    overridden = api.post(PROJECTS, {"name": "x"}, format="json", headers={"X-HTTP-Method-Override": "DELETE"})
    assert overridden.status_code == 201


def test_an_answer_in_another_form_than_there_is(api: APIClient) -> None:
    check(api.get(PROJECTS, headers={"Accept": "text/html"}), 406, "not_acceptable")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_in_another_form_than_json(api: APIClient, kind: str) -> None:
    check(api.generic("POST", PROJECTS, "name=x", content_type=kind), 415, "unsupported_media_type")


UNREADABLE = {
    "cut off": b'{"name": "x"',
    "two": b'{"name": "x"}{}',
    "empty text": b" ",
    "NaN": b'{"name": NaN}',
    "infinite": b'{"name": Infinity}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a lone surrogate as a name": b'{"\\udfff": 1}',
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL as a name": b'{"a\\u0000b": 1}',
    "NUL deep inside": b'{"name": [[{"a": "\\u0000"}]]}',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 deep objects": b'{"name":' * 100_000 + b"1" + b"}" * 100_000,
    "400 digits": b'{"name": ' + b"9" * 400 + b"}",
    "beyond 64 bits": b'{"name": 18446744073709551616}',
    "gzip": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("more", [{}, {"Idempotency-Key": "k"}], ids=["plain", "with a key"])
def test_unreadable_json(api: APIClient, in_acme: Tenant, body: bytes, more: dict[str, str]) -> None:
    answer = api.post(PROJECTS, body, content_type=JSON, headers=more)
    check(answer, 400, "parse_error")
    assert Project.objects.count() == 0


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true"])
def test_json_that_is_no_object(api: APIClient, body: bytes) -> None:
    check(api.post(PROJECTS, body, content_type=JSON), 400, "invalid")


@pytest.mark.parametrize("more", [{}, {"Idempotency-Key": "k"}], ids=["plain", "with a key"])
def test_a_body_that_is_too_large(api: APIClient, in_acme: Tenant, more: dict[str, str]) -> None:
    body = b'{"name": "' + b"x" * 2_700_000 + b'"}'
    check(api.post(PROJECTS, body, content_type=JSON, headers=more), 413, "too_large")
    assert Project.objects.count() == 0


def test_a_body_without_its_length(api: APIClient) -> None:
    api.credentials(**api._credentials, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")  # type: ignore[attr-defined]
    check(api.generic("POST", PROJECTS, '{"name": "x"}', content_type=JSON), 411, "length_required")


def test_all_wrong_fields_at_once(api: APIClient, in_acme: Tenant) -> None:
    found = check(api.post(PROJECTS, {"name": "", "description": 5, "id": 1}, format="json"), 400, "invalid")
    assert found["errors"] == [
        {"field": "id", "code": "unknown", "detail": "This is not known here; remove it."},
        {"field": "description", "code": "type", "detail": "Send a text."},
        {"field": "name", "code": "blank", "detail": "This field may not be blank."},
    ]
    assert Project.objects.count() == 0


@pytest.mark.parametrize("field", ["id", "tenant", "owner", "created_by", "created_at", "status", "ünknown\u202e"])
def test_fields_that_are_not_known(api: APIClient, in_acme: Tenant, field: str) -> None:
    found = check(api.post(PROJECTS, {"name": "x", field: "y"}, format="json"), 400, "invalid")
    assert [(e["field"], e["code"]) for e in found["errors"]] == [(field, "unknown")]
    assert Project.objects.count() == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("owner__password__startswith=x", "owner__password__startswith"),
        ("order_by=password", "order_by"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=1000000000", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=x", "page_size"),
        ("page_size=%C2%B2", "page_size"),
        ("cursor=x", "cursor"),
        ("cursor=%FF%00", "cursor"),
        ("cursor=" + base64.b64encode(b"p=yesterday").decode(), "cursor"),
        ("cursor=" + base64.b64encode(b"p=%00").decode(), "cursor"),
        ("cursor=" + base64.b64encode(b"p=' OR 1=1").decode(), "cursor"),
    ],
)
def test_a_list_is_asked_for_what_it_does_not_have(api: APIClient, query: str, field: str) -> None:
    api.post(PROJECTS, {"name": "x"}, format="json")
    found = check(api.get(f"{PROJECTS}?{query}"), 400, "invalid")
    assert [e["field"] for e in found["errors"]] == [field]


def test_a_list_hands_out_cursors_that_work(api: APIClient) -> None:
    for number in range(5):
        api.post(PROJECTS, {"name": str(number)}, format="json")
    seen, link = [], f"{PROJECTS}?page_size=2"
    while link:
        page = api.get(link).json()
        seen += [project["name"] for project in page["results"]]
        link = page["next"]
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("form", ["{0}", "{0!s:.8}", "urn:uuid:{0}", "1", "x' OR '1'='1", "%00", "..", "{0.hex}"])
def test_other_forms_of_an_id_are_unknown_addresses(api: APIClient, globex: Tenant, form: str) -> None:
    check(api.get(f"{PROJECTS}{form.format(globex.pk)}/"), 404, "not_found")


def test_a_site_session_changes_things_only_with_its_csrf_token(alice: User, in_acme: Tenant) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get(PROJECTS).status_code == 200
    check(browser.post(PROJECTS, {"name": "x"}, content_type=JSON), 403, "permission_denied")
    assert Project.objects.count() == 0


def test_an_unknown_host_is_refused_before_anything_else(db: None) -> None:
    answer = Client(SERVER_NAME="elsewhere.example").get("/api/v1/users/me/")
    check(answer, 400, "bad_request")

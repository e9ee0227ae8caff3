"""Anybody may have a manifest checked, and learns what is wrong, where, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.reading import read_yaml
from tenants.models import User
from tests.checks.planted import planted
from tests.conftest import ApiOf

CATALOGUE = Path(__file__).parents[2] / "marketplace" / "catalogue"
SOURCE = (CATALOGUE / "document-analyst.yaml").read_text().replace("namespace: guildhall", "namespace: acme")
LINT = "/api/v1/marketplace/lint/"


@pytest.fixture
def api(db: None) -> APIClient:
    return APIClient()


def linted(api: APIClient, source: str | bytes) -> dict[str, Any]:
    answer = api.post(LINT, {"manifest": source}, format="json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_a_good_manifest_passes(api: APIClient) -> None:
    said = linted(api, SOURCE)
    findings = said.pop("findings")
    assert said == {
        "valid": True,
        "passed": True,
        "ref": "acme/document-analyst@1.1.0",
        "digest": digest(read_yaml(SOURCE)),
        "risk": "medium",
    }
    assert {finding["severity"] for finding in findings} <= {"info"}


def test_yaml_may_be_the_whole_body(api: APIClient) -> None:
    answer = api.post(LINT, SOURCE.encode(), content_type="application/yaml")
    assert (answer.status_code, answer.json()["ref"]) == (200, "acme/document-analyst@1.1.0")


def test_a_secret_is_named_with_its_place_in_what_was_sent(api: APIClient) -> None:
    key = dict(planted())["npm"]
    source = SOURCE.replace("Use nothing else.", f"Use {key} and nothing else.", 1)
    said = linted(api, source)
    (found,) = (each for each in said["findings"] if each["code"] == "secret.package_token")
    assert not said["passed"]
    assert source.split("\n")[found["line"] - 1][found["column"] - 1 :].startswith(key)
    assert key not in str(said)


def test_what_is_no_manifest_is_told_what_it_lacks(api: APIClient) -> None:
    said = linted(api, SOURCE.replace("max_iter: 8", "max_itre: 8"))
    assert (said["valid"], said["passed"], said["digest"]) == (False, False, "")
    assert said["findings"] == [
        {
            "code": "schema.extra_forbidden",
            "severity": "error",
            "path": "spec.agents[0].max_itre",
            "line": 36,
            "column": 7,
            "message": "There is no such entry in a manifest.",
            "fix": "Take it out, or look at the schema for how it is spelt.",
            "evidence": "",
            "enforced": True,
        }
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: !!python/object/apply:os.system [ls]", "schema.tag"),
        ("a: &x [1]\nb: [*x, *x]", "schema.alias"),
        ("a: 1\na: 2", "schema.duplicate"),
        ("a: {<<: {b: 1}}", "schema.key"),
        ("\tkind: Crew", "schema.yaml"),
        ("\ufeffkind: Crow", "schema.kind"),
        ('"\ud800": 1', "schema.character"),
        ("[" * 10_000, "schema.too_deep"),
        ("- x\n" * 16_000, "schema.too_many"),
        (SOURCE.replace("minLength: 5", 'pattern: "(a+)+$"'), "schema.schema"),
        (SOURCE.replace("type: string", '$ref: "https://evil.example/x.json"', 1), "schema.schema"),
    ],
    ids=["tag", "anchors", "duplicate", "merge key", "tab", "byte order mark", "surrogate", "deep", "many", "redos", "reference"],
)  # fmt: skip
def test_hostile_yaml_is_refused_with_a_reason(api: APIClient, text: str, code: str) -> None:
    answer = api.post(LINT, text.replace("\ud800", "\\ud800").encode(), content_type="application/yaml")
    assert answer.status_code == 200
    assert code in {finding["code"] for finding in answer.json()["findings"]}


def test_who_is_not_signed_in_may_send_less(api: APIClient, api_of: ApiOf, alice: User) -> None:
    long = {"manifest": SOURCE.replace("Use nothing else.", "Use nothing else. " + "Nothing at all. " * 5_000, 1)}
    refused = api.post(LINT, long, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "too_large")
    assert api_of(alice).post(LINT, long, format="json").json()["ref"] == "acme/document-analyst@1.1.0"


def test_what_is_too_large_is_not_read(api: APIClient) -> None:
    assert api.post(LINT, {"manifest": "x" * 300_000}, format="json").status_code == 400
    assert api.post(LINT, b"x" * 300_000, content_type="application/yaml").status_code == 400
    assert api.post(LINT, b"\xff\xfe", content_type="application/yaml").status_code == 400


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schemas_describe_our_own_manifests(api: APIClient, path: Path) -> None:
    manifest = read_yaml(path.read_bytes())
    for address in ("manifest.schema.json", f"manifest.{manifest.kind.lower()}.schema.json"):
        schema = api.get(f"/api/v1/marketplace/{address}").json()
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"http://testserver/api/v1/marketplace/{address}"
        assert list(Draft202012Validator(schema).iter_errors(as_document(manifest))) == []
        wrong = as_document(manifest) | {"metadata": {}}
        assert list(Draft202012Validator(schema).iter_errors(wrong)) != []


def test_an_unknown_kind_has_no_schema(api: APIClient) -> None:
    assert api.get("/api/v1/marketplace/manifest.crow.schema.json").status_code == 404

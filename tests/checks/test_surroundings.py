"""What a manifest is held against: other people's names and works, its author's own workspace, what is blocked."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files import File

from agents.knowledge import services as knowledge
from agents.models import KnowledgeCollection
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.running import check
from marketplace.enforcement import services as enforcement
from marketplace.enforcement.models import Block
from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json, read_yaml
from marketplace.models import Publisher, ReservedName
from marketplace.moderation.actors import moderator as acting
from tenants.access import Member
from tenants.context import enter
from tenants.models import Tenant, User
from tests.checks.conftest import Publish
from tests.checks.making import manifest

ANALYST = Path(__file__).parents[2] / "marketplace" / "catalogue" / "document-analyst.yaml"


def found(told: Manifest, group: str, tenant: Tenant | None = None) -> list[Finding]:
    return [finding for finding in check(told, tenant=tenant).findings if finding.group == group]


def codes(told: Manifest, group: str, tenant: Tenant | None = None) -> set[tuple[str, str]]:
    return {(finding.code, finding.severity.value) for finding in found(told, group, tenant)}


def of_another(**metadata: object) -> Manifest:
    """Our analyst, under the name of acme."""
    document = as_document(read_yaml(ANALYST.read_bytes()))
    document["metadata"] |= {"namespace": "acme", "name": "reader", "title": "Reader of papers", **metadata}
    return read_json({name: value for name, value in document.items() if value is not None})


@pytest.mark.parametrize(
    ("name", "title", "code"),
    [
        ("document-analyst", "Reader", "name.lookalike"),
        ("d0cument-ana1yst", "Reader", "name.lookalike"),
        ("documment-analyst", "Reader", "name.near"),
        ("reader", "Dоcument anаlyst", "name.mixed_scripts"),
        ("reader", "Document\u00adanalyst", "name.lookalike"),
        ("reader", "Official harbour notes", "name.claims"),
    ],
)
def test_a_name_is_not_taken_for_another(publish: Publish, name: str, title: str, code: str) -> None:
    publish(read_yaml(ANALYST.read_bytes()))
    assert code in {finding.code for finding in found(manifest(name=name, title=title), "name")}
    assert codes(manifest(name="harbour-notes"), "name") == set()


def test_a_kept_name_is_for_whom_it_is_kept(acme: Tenant, globex: Tenant) -> None:
    ReservedName.objects.create(name="harbour", why="A city's", tenant_id=acme.pk)
    told = manifest(namespace="harb0ur")
    assert codes(told, "name", globex) == {("name.reserved", "error")}
    assert codes(told, "name", acme) == set()
    Publisher.objects.create(namespace="harb0ur", display_name="Harbour")
    assert codes(told, "name") == set()


def test_what_belongs_to_the_workspace_stays_there(acme: Tenant, alice_at_acme: Member) -> None:
    with enter(acme.schema_name):
        collection = KnowledgeCollection.objects.create(name="Plans of the harbour")
        knowledge.upload_document(
            collection=collection,
            name="Merger with Globex.txt",
            stream=File(BytesIO(b"Secret."), name="x.txt"),
            by=alice_at_acme,
        )
    text = (
        f"Look into {collection.pk} for “merger with globex.txt”, ask Alice Archer or write to somebody@acme.test.example, "
        "somebody@harbour.acme.io and see /w/acme/runs/."
    )
    assert codes(manifest(text), "tenant_data", acme) == {
        ("tenant_data.id", "error"),
        ("tenant_data.document", "error"),
        ("tenant_data.person", "warning"),
        ("tenant_data.mail", "warning"),
        ("tenant_data.address", "error"),
    }
    assert codes(manifest(text), "tenant_data") == {
        ("tenant_data.id", "warning"),
        ("tenant_data.mail", "warning"),
        ("tenant_data.address", "warning"),
    }
    assert "Merger" not in str([(f.message, f.fix) for f in found(manifest(text), "tenant_data", acme)])


def test_a_copy_is_recognised_and_its_origin_suggested(publish: Publish) -> None:
    original = publish(read_yaml(ANALYST.read_bytes()))
    (copied,) = found(of_another(), "lineage")
    assert (copied.code, copied.severity) == ("lineage.near_copy", Severity.ERROR)
    assert f"forked_from: {{ref: guildhall/document-analyst@1.1.0, digest: {original.digest}}}" in copied.fix
    told = of_another(forked_from={"ref": "guildhall/document-analyst@1.1.0", "digest": original.digest})
    assert codes(told, "lineage") == set()
    assert codes(manifest(), "lineage") == set()


def test_an_origin_is_what_it_says(publish: Publish) -> None:
    publish(read_yaml(ANALYST.read_bytes()))
    wrong = {"ref": "guildhall/document-analyst@1.1.0", "digest": "sha256:" + "0" * 64}
    gone = {"ref": "guildhall/document-analyst@9.0.0", "digest": "sha256:" + "0" * 64}
    assert codes(of_another(forked_from=wrong), "lineage") == {("lineage.changed", "error")}
    assert codes(of_another(forked_from=gone), "lineage") == {("lineage.unknown", "error")}


@pytest.mark.parametrize(
    ("theirs", "mine", "said"),
    [
        ("CC-BY-SA-4.0", "MIT", {("licence.obligation", "error")}),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0", {("licence.obligation", "info")}),
        ("proprietary", "MIT", {("licence.closed", "error")}),
        ("CC0-1.0", "proprietary", set()),
    ],
)
def test_who_goes_on_from_a_work_keeps_its_licence(
    publish: Publish, theirs: str, mine: str, said: set[tuple[str, str]]
) -> None:
    original = publish(manifest(namespace="globex", license=theirs))
    fork = {"ref": "globex/helper@1.0.0", "digest": original.digest}
    assert codes(manifest(license=mine, forked_from=fork), "licence") == said


def test_what_is_blocked_does_not_come_back_in_parts(publish: Publish, moderator: User) -> None:
    told = of_another(forked_from={"ref": "globex/helper@1.0.0", "digest": "sha256:" + "0" * 64})
    publish(told)
    by, why = acting(moderator), "It sends what it reads elsewhere."
    owner = Publisher.objects.get(namespace="acme")
    blocks = (
        ("tool", "search_knowledge"),
        ("publisher", owner),
        ("digest", digest(told)),
        ("digest", "sha256:" + "0" * 64),
    )
    for scope, target in blocks:
        enforcement.block(kind=Block.Kind.HARD, scope=scope, target=target, reason=why, by=by)
    assert {code for code, _ in codes(told, "blocked")} == {
        "blocked.tool",
        "blocked.publisher",
        "blocked.digest",
        "blocked.ancestor",
    }

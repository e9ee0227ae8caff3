"""A version's own cases, carried out in the sandbox by ordinary workers."""

from __future__ import annotations

import pytest

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.envelope import Manifest
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.sandbox.evaluating import advance, evaluation_for
from marketplace.sandbox.models import EvaluationRun
from marketplace.sandbox.workplace import attendant
from tenants.context import enter
from tenants.models import Tenant
from tests.sandbox.conftest import work
from tests.sandbox.manifests import manifest


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def version_of(found: Manifest) -> ListingVersion:
    publisher, _ = Publisher.objects.get_or_create(namespace="acme", defaults={"display_name": "Acme"})
    told = found.metadata
    listing = Listing.objects.create(
        publisher=publisher, slug=told.name, kind=found.kind.lower(), title=told.title, summary=told.summary,
        description=told.description, category=told.categories[0], licence=told.license,
    )  # fmt: skip
    return ListingVersion.objects.create(
        listing=listing, semver=told.version, manifest=as_document(found), digest=digest(found),
        size=len(canonical(found)), risk=found.risk,
    )  # fmt: skip


def evaluated(version: ListingVersion, sandbox: Tenant) -> EvaluationRun:
    evaluation = evaluation_for(version)
    for _ in range(20):
        with enter(sandbox.schema_name):
            evaluation = advance(evaluation, by=attendant(sandbox))
        if evaluation.has_ended:
            return evaluation
        work()
    raise AssertionError("It does not end.")


def test_a_case_is_run_on_its_own_documents_and_nothing_is_left(sandbox: Tenant) -> None:
    found = evaluated(version_of(manifest()), sandbox)
    case = found.cases.get()
    assert (found.state, found.n, found.passed, case.findings) == ("done", 1, 1, []), case.output
    assert "640 kWh" in case.output
    assert (found.provider, found.pass_rate) == ("offline", 1.0)

"""Our own listings, evaluated as everybody's are: in the sandbox, by their own cases, without a language model."""

from __future__ import annotations

import pytest

from marketplace.checks.running import check
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_yaml
from marketplace.models import Publisher
from marketplace.publishing.services.builtin import CATALOGUE
from tenants.models import Tenant
from tests.sandbox.test_evaluate import evaluated, version_of
from tests.thorough import only_in_ci

MANIFESTS = [read_yaml(path.read_bytes()) for path in sorted(CATALOGUE.glob("*.yaml"))]
OFFLINE = [manifest for manifest in MANIFESTS if manifest.offline and manifest.evaluation is not None]


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.mark.parametrize(
    "some", [pytest.param(OFFLINE[::4], id="some"), pytest.param(OFFLINE, id="all", marks=only_in_ci)]
)
def test_what_works_without_a_model_proves_it(sandbox: Tenant, some: list[Manifest]) -> None:
    assert len(OFFLINE) >= 9
    failed = []
    for manifest in some:
        found = evaluated(version_of(manifest), sandbox)
        failed += [(manifest.ref, case.name, case.findings, case.output) for case in found.cases.all() if case.findings]
        assert (found.state, found.n) == ("done", len(manifest.evaluation.cases if manifest.evaluation else ()))
    assert failed == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.metadata.name)
def test_nothing_in_them_is_found_fault_with(db: None, manifest: Manifest) -> None:
    house = Publisher.objects.create(namespace="guildhall", display_name="Guildhall")
    found = [(each.code, each.path, each.message) for each in check(manifest, publisher=house).findings]
    assert found == []

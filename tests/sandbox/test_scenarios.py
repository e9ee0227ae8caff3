"""The library's scenarios in the market: found, tried by their own published results in the sandbox, installed whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.manifest.reading import read_yaml
from simulations.models import Scenario, Simulation
from tenants.context import enter
from tenants.models import Tenant
from tests.sandbox.test_evaluate import evaluated, version_of
from tests.thorough import only_in_ci

LIBRARY = sorted((Path(__file__).parents[2] / "simulations" / "scenarios").glob("*.yaml"))
SAMPLE = {"alternating-offers"}


@pytest.fixture
def db(fresh_db: None) -> None:
    """Workers have connections of their own, so everything here is really committed."""


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=() if path.stem in SAMPLE else only_in_ci) for path in LIBRARY]
)
def test_its_published_results_hold_in_the_sandbox(sandbox: Tenant, path: Path) -> None:
    manifest = read_yaml(path.read_bytes())
    found = evaluated(version_of(manifest), sandbox)
    cases = list(found.cases.all())
    assert [(case.name, case.findings) for case in cases if case.findings] == []
    assert (found.state, found.n, found.passed) == ("done", len(manifest.spec.expect), len(cases))  # type: ignore[attr-defined]
    with enter(sandbox.schema_name):
        assert not Simulation.objects.exists()
        assert not Scenario.objects.exists()


def test_a_result_that_does_not_hold_is_told(sandbox: Tenant) -> None:
    text = next(path for path in LIBRARY if path.stem == "alternating-offers").read_text()
    manifest = read_yaml(text.replace("between: [0.526, 0.527]", "between: [0.6, 0.7]"))
    found = evaluated(version_of(manifest), sandbox)
    assert (found.passed, found.n) == (2, 3)
    assert "The mean of first_share over 1 plays is 0.5263; 0.6 to 0.7 is published." in str(
        [c.findings for c in found.cases.all()]
    )

"""Honest work is left alone: our own catalogue, and what ordinary authors write."""

from __future__ import annotations

from pathlib import Path

from marketplace.checks.finding import Finding, Severity
from marketplace.checks.running import look
from marketplace.checks.subject import Surroundings
from marketplace.manifest.reading import read_yaml
from tests.checks.making import many, of_task
from tests.checks.ordinary import PROMPTS

CATALOGUE = Path(__file__).parents[2] / "marketplace" / "catalogue"
AT_MOST = 0.02


def alarms(found: tuple[Finding, ...]) -> list[str]:
    return [f"{f.code} {f.path}: {f.message}" for f in found if f.severity is not Severity.INFO]


def test_our_own_catalogue_raises_no_alarm() -> None:
    """At most 2 % of its texts; so far none."""
    texts, wrong = 0, []
    for path in sorted(CATALOGUE.glob("*.yaml")):
        source = path.read_text()
        found = look(read_yaml(source), Surroundings(), source=source)
        texts += source.count(": ")
        wrong += [f"{path.name}: {alarm}" for alarm in alarms(found)]
    assert texts > 100
    assert len(wrong) <= AT_MOST * texts, wrong
    assert wrong == []


def test_ordinary_prompts_raise_hardly_any() -> None:
    assert len(PROMPTS) >= 160
    wrong = [
        (PROMPTS[start + of_task(finding.path)], finding.code)
        for start in range(0, len(PROMPTS), 80)
        for finding in look(many(PROMPTS[start : start + 80]), Surroundings())
        if finding.severity is not Severity.INFO
    ]
    assert len(wrong) <= AT_MOST * len(PROMPTS), wrong

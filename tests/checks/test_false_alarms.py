"""Honest work is left alone: our own catalogue, and what ordinary authors write."""

from __future__ import annotations

import re
from pathlib import Path

from marketplace.checks.finding import Finding, Severity
from marketplace.checks.running import look
from marketplace.checks.subject import Surroundings
from marketplace.manifest.reading import read_json, read_yaml
from tests.checks.making import document, put
from tests.checks.ordinary import PROMPTS

CATALOGUE = Path(__file__).parents[2] / "marketplace" / "catalogue"
AT_MOST = 0.02
PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


def alarms(found: tuple[Finding, ...]) -> list[str]:
    return [f"{f.code} {f.path}: {f.message}" for f in found if f.severity is not Severity.INFO]


def of_prompt(prompt: str) -> tuple[Finding, ...]:
    found = document()
    put(found, ("spec", "tasks", 0, "description"), prompt)
    put(found, ("spec", "agents", 0, "tools"), ["search_knowledge"])
    put(found, ("requires", "tools"), ["search_knowledge"])
    found["permissions"] += [
        {"kind": "tool", "tool": "search_knowledge", "why": "It looks things up."},
        {"kind": "knowledge", "access": "read", "why": "It looks things up."},
    ]
    names = PLACEHOLDER.findall(prompt)
    if names:
        put(found, ("inputs", "schema", "properties"), {name: {"type": "string"} for name in names})
        put(found, ("inputs", "examples"), [dict.fromkeys(names, "x")])
    return look(read_json(found), Surroundings())


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
    wrong = {prompt: alarms(of_prompt(prompt)) for prompt in PROMPTS if alarms(of_prompt(prompt))}
    assert len(PROMPTS) >= 75
    assert len(wrong) <= AT_MOST * len(PROMPTS), wrong

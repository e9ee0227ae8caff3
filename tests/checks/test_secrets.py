"""Planted secrets are found wherever they stand, and nothing that is said about them gives them away."""

from __future__ import annotations

import base64
from functools import cache
from itertools import cycle

import pytest

from marketplace.checks.finding import Finding
from marketplace.checks.running import look
from marketplace.checks.subject import Surroundings
from marketplace.manifest.reading import read_json
from marketplace.manifest.writing import write_yaml
from tests.checks.making import document, manifest, put
from tests.checks.planted import planted

FIELDS = (
    ("metadata", "description"),
    ("metadata", "changelog"),
    ("spec", "agents", 0, "backstory"),
    ("spec", "agents", 0, "goal"),
    ("spec", "tasks", 0, "description"),
    ("spec", "tasks", 0, "expected_output"),
    ("spec", "tasks", 0, "guardrail"),
    ("permissions", 0, "why"),
    ("disclosure", "human_oversight"),
    ("evaluation", "cases", 0, "expect", 0),
)
SECRETS = list(planted())


def secrets(found: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in found if finding.group == "secret"]


def hidden_in(field: tuple[str | int, ...], text: str) -> tuple[Finding, ...]:
    value = {"kind": "contains", "value": text} if field[0] == "evaluation" else text
    return look(read_json(put(document(), field, value)), Surroundings())


@cache
def everything() -> tuple[tuple[str, str, tuple[Finding, ...]], ...]:
    """Each secret in one field or another, with all that is found there."""
    return tuple((name, text, hidden_in(field, text)) for (name, text), field in zip(SECRETS, cycle(FIELDS)))


def test_of_sixty_planted_secrets_at_least_95_percent_are_found() -> None:
    assert len(SECRETS) == 60
    missed = [name for name, _, found in everything() if not secrets(found)]
    assert len(missed) <= 3, missed
    assert missed == []


def test_what_is_said_about_a_secret_does_not_hold_it() -> None:
    for name, text, found in everything():
        said = " ".join(f"{f.message} {f.fix} {f.evidence}" for f in found)
        longest = max(text.split(), key=len)
        assert longest not in said, name
        assert longest[4:16] not in said, name


def test_a_secret_is_known_again_by_its_evidence_and_by_nothing_else() -> None:
    one, other = dict(SECRETS)["npm"], list(planted(seed=5))[42][1]
    first, again, another = (secrets(look(manifest(text), Surroundings()))[0] for text in (one, f"Now {one}", other))
    assert first.evidence == again.evidence != another.evidence
    assert first.evidence.startswith(f"{one[:4]}… #")


def test_the_line_is_that_of_the_secret_not_of_the_text() -> None:
    text = f"Write down the ships.\n\nThe key:\n{dict(SECRETS)['gitlab']}\n"
    (found,) = secrets(look(manifest(text), Surroundings()))
    source = manifest(text)
    lines = write_yaml(source).split("\n")
    assert found.line is not None
    assert dict(SECRETS)["gitlab"] in lines[found.line - 1]
    assert lines[found.line - 1][(found.column or 0) - 1 :].startswith("gl")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (("spec", "tasks", 0, "output_schema"), {"type": "object", "properties": {"x": {"const": "{}"}}}),
        (("spec", "tasks", 0, "output_schema"), {"type": "object", "properties": {"{}": {"type": "string"}}}),
        (("inputs", "schema"), {"type": "object", "properties": {"x": {"type": "string", "default": "{}"}}}),
        (("inputs", "examples"), [{"x": "{}"}]),
    ],
    ids=["schema value", "schema name", "default", "example"],
)
def test_a_secret_is_found_where_nobody_looks(field: tuple[str | int, ...], value: object) -> None:
    secret = dict(SECRETS)["github classic"].split()[-1]
    found = put(document(), field, _filled(value, secret))
    assert secrets(look(read_json(found), Surroundings()))


def _filled(value: object, secret: str) -> object:
    if isinstance(value, dict):
        return {name.replace("{}", secret): _filled(inner, secret) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, secret) for inner in value]
    return value.replace("{}", secret) if isinstance(value, str) else value


def test_invisible_characters_and_encoding_do_not_hide_a_secret() -> None:
    secret = dict(SECRETS)["npm"]
    split = "\u200b".join(secret)
    encoded = base64.b64encode(f"token {secret}".encode()).decode()
    for text in (f"Use {split} now.", f"Use {encoded} now."):
        assert secrets(look(manifest(text), Surroundings())), text


def test_a_value_is_a_secret_because_of_its_name() -> None:
    found = document()
    found["inputs"] = {
        "schema": {"type": "object", "properties": {"db_password": {"type": "string", "default": "trout-Lantern77"}}},
        "examples": [{"db_password": "x"}],
    }
    assert {finding.code for finding in secrets(look(read_json(found), Surroundings()))} == {"secret.assigned"}


@pytest.mark.parametrize(
    "text",
    [
        "api_key: <your key here>",
        "Use AKIAIOSFODNN7EXAMPLE as in the manual.",
        "token: ****************",
        "postgresql://user:password@host/db",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "The commit is 3f786850e387550fdab836ed7e6dc881de23001b.",
        "password: {password_of_the_day}",
    ],
)
def test_what_only_stands_for_a_secret_is_left_alone(text: str) -> None:
    found = document()
    put(found, ("metadata", "description"), text)
    assert secrets(look(read_json(found), Surroundings())) == []

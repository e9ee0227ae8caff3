from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agents.documents import MAX_BYTES, ManifestError, load
from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.permissions import Group, Risk
from marketplace.manifest.reading import read_json, read_yaml

CATALOGUE = Path(__file__).parents[2] / "marketplace" / "catalogue"
MANIFESTS = sorted(CATALOGUE.glob("*.yaml"))


@pytest.fixture
def analyst() -> str:
    """The document analyst as a first version, which has no word on what changed, and without its evaluation."""
    text = (CATALOGUE / "document-analyst.yaml").read_text().replace("version: 1.1.0", "version: 1.0.0")
    before, _, after = re.sub(r"\n  changelog: .*", "", text).partition("\nevaluation:")
    return f"{before}\ndisclosure:{after.partition(chr(10) + 'disclosure:')[2]}"


CALCULATOR = """
apiVersion: guildhall/v1
kind: Tool
metadata:
  {namespace: acme, name: sums, version: 0.1.0-rc.1, title: Sums, summary: Adds up, description: "Adds\\nup, ü",
   license: MIT, categories: [other]}
spec: {tool: calculator, settings: {digits: 4.0, strict: true}}
requires: {tools: [calculator]}
permissions: [{kind: tool, tool: calculator, why: It adds with it.}]
limits: {minutes: 1, usd: 0.5}
disclosure: {data_goes_to: Nobody, personal_data: None, known_limits: [Arithmetic only], human_oversight: None}
"""


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        read_yaml(text)
    return [problem.sentence for problem in caught.value.problems]


def test_there_are_three_manifests_to_begin_with() -> None:
    assert {"document-analyst", "market-brief", "schelling-segregation"} <= {path.stem for path in MANIFESTS}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_catalogue_manifest_survives_every_form(path: Path) -> None:
    manifest = read_yaml(path.read_bytes())
    stored = json.loads(json.dumps(as_document(manifest)))
    assert manifest.metadata.name == path.stem
    assert read_json(stored) == manifest
    assert digest(read_json(stored)) == digest(manifest)


def test_a_digest_ignores_order_and_defaults_that_are_written_out(analyst: str) -> None:
    written_out = analyst.replace("    license: Apache-2.0\n", "").replace(
        "  languages: [en]\n", "  languages: [en]\n  changelog: First version.\n"
    )
    assert digest(read_yaml(written_out)) == digest(read_yaml(analyst))


def test_what_nobody_wrote_is_not_in_the_digest(analyst: str) -> None:
    """Else a new optional entry, added to the format one day, would change the digest of everything published."""
    text = canonical(read_yaml(analyst))
    assert b'"max_iter":8' in text
    assert b"allow_delegation" not in text


def test_the_digest_is_the_same_on_every_day_and_machine() -> None:
    assert digest(read_yaml(CALCULATOR)) == "sha256:90cfad9a0e7ffe884e22ff8044cabbaf1c3ca86ccae620263b4ee4943fe3d5ed"


def test_a_digest_sees_one_changed_word(analyst: str) -> None:
    changed = analyst.replace("never change a word", "seldom change a word")
    assert digest(read_yaml(changed)) != digest(read_yaml(analyst))


def test_whole_numbers_have_one_spelling(analyst: str) -> None:
    assert b'"usd":1,' in canonical(read_yaml(analyst)) or b'"usd":1}' in canonical(read_yaml(analyst))


def test_permissions_are_read_by_a_person(analyst: str) -> None:
    manifest = read_yaml(analyst)
    said = [(p.meaning().code, p.meaning().group, p.meaning().sentence) for p in manifest.permissions]
    assert said == [
        ("knowledge:read", Group.READ, "Read this workspace’s documents"),
        ("tool:search_knowledge", Group.READ, "Use the tool “search_knowledge”"),
        ("model:any", Group.SPEND, "Call this workspace’s language model"),
    ]
    assert manifest.risk is Risk.MEDIUM


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "agent: citation_checker",
            "agent: nobody",
            (
                "line 84, column 7: spec.tasks[2].agent: Task “write_report” names the agent “nobody”, which this crew does not have. "
                "It has “analyst”, “citation_checker”, “passage_finder”."
            ),
        ),
        (
            "context: [find_passages]",
            "context: [write_report]",
            "line 69, column 7: spec.tasks[1].context: “draft_answer” and “write_report” wait for each other. Remove one of the two.",
        ),
        (
            "max_iter: 8",
            "max_iter: eight",
            "line 35, column 7: spec.agents[0].max_iter: Input should be a valid integer.",
        ),
        (
            "max_iter: 8",
            "max_itre: 8",
            "line 35, column 7: spec.agents[0].max_itre: There is no such entry in a manifest.",
        ),
        (
            "{question}",
            "{query}",
            (
                "line 54, column 7: spec.tasks[0].description: “{query}” is not among the inputs of this crew. "
                "Add the input “query”, or remove the braces."
            ),
        ),
        (
            "kind: Crew",
            "kind: Crow",
            "line 2, column 1: kind: The kind must be one of Agent, Crew, Tool, Scenario.",
        ),
        (
            "version: 1.0.0",
            "version: 1.0",
            "line 7, column 3: metadata.version: This must be text; put it in quotes.",
        ),
        (
            "tools: [search_knowledge]\n      max",
            "tools: [search_knowledge, shell]\n      max",
            "line 130, column 1: permissions: tool:shell is missing, though the agent “passage_finder” uses it.",
        ),
        (
            "minLength: 5",
            "pattern: (a+)+",
            "line 115, column 9: inputs.schema.properties.question.pattern: “pattern” is not supported in the inputs of a listing.",
        ),
        (
            "- question: How large a battery does the study recommend, what does it cost and when does it pay for itself?",
            "- question: Why?",
            "line 118, column 7: inputs.examples[0].question: This example does not fit the schema: 'Why?' is too short",
        ),
        (
            "tool: search_knowledge\n    why",
            "tool: send_mail\n    why",
            "line 134, column 5: permissions[1]: tool:send_mail is asked for, but nothing here uses it.",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(analyst: str, old: str, new: str, sentence: str) -> None:
    assert old in analyst
    assert sentence in faults(analyst.replace(old, new, 1))


EMPTY = "line 51, column 3: spec.tasks: There must be at least 1 here."


def test_a_crew_without_tasks_is_refused(analyst: str) -> None:
    start, end = analyst.index("  tasks:\n"), analyst.index("inputs:\n")
    assert faults(analyst[:start] + "  tasks: []\n\n" + analyst[end:])[0] == EMPTY


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: b: c", "line 1, column 5: This is not readable YAML: mapping values are not allowed here."),
        ("a: &x [1]\nb: *x", "line 1, column 4: Anchors and aliases (& and *) are not allowed; write the value out."),
        ("a: !!python/name:os.system", "line 1, column 4: Tags (!…) are not allowed; a manifest holds plain data only."),
        ("a: 1\na: 2", "line 2, column 1: a: This name appears twice."),
        ("a: 1\n---\nb: 2", "line 2, column 1: This is not readable YAML: expected a single document in the stream"),
        ("a: 2026-11-21", "line 1, column 4: a: 2026-11-21 is read as a timestamp; put it in quotes if it is text."),
        ("a: .inf", "line 1, column 4: a: .inf is not a plain decimal number."),
        ("a: 1e999", "line 1, column 4: a: 1e999 is not a finite number."),
        ("%YAML 1.1\n---\na: yes", "line 2, column 1: A %YAML line is not allowed; a manifest is YAML 1.2."),
        ("kind: Crew\nb: \x00", "line 2, column 4: The character U+0000 is not allowed."),
        ('kind: Crew\nb: "\\ud800"', "line 2, column 1: b: The character U+D800 is not allowed."),
        ('"\\ud800": 1\n"\\ud800": 2', "line 2, column 1: ?: This name appears twice."),
        ('kind: Crew\n"\\ud800": 1', "line 1, column 1: The character U+D800 is not allowed in a name."),
        ("1: x", "line 1, column 1: A name must be text; put it in quotes."),
        ("- a", "line 1, column 1: A manifest is a mapping that starts with apiVersion."),
        ("", "line 1, column 1: A manifest is a mapping that starts with apiVersion."),
        ("[" * 100_000, "line 1, column 49: Nested more than 48 levels deep."),
        ("- x\n" * 60_000, "line 9999, column 3: More than 10000 values."),
        (b"\xff\xfe", "Byte 0 is not UTF-8 text."),
        ("x" * (MAX_BYTES + 1), "A manifest may have at most 256 kB."),
    ],
)  # fmt: skip
def test_a_text_that_is_not_plain_data_is_refused(text: str | bytes, sentence: str) -> None:
    assert faults(text)[0].startswith(sentence)


def test_words_that_other_yaml_reads_as_boolean_stay_words() -> None:
    assert load("a: no\nb: on\nc: true").value == {"a": "no", "b": "on", "c": True}


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f"])
def test_control_characters_are_refused_in_json_too(analyst: str, character: str) -> None:
    stored = as_document(read_yaml(analyst))
    stored["metadata"]["title"] = f"Document{character}analyst"
    with pytest.raises(ManifestError, match="is not allowed"):
        read_json(stored)


@pytest.mark.parametrize("path", [("spec", "tasks", 0, "agent"), ("metadata", "version")])
def test_json_that_is_no_manifest_is_refused_without_a_line(analyst: str, path: tuple[str | int, ...]) -> None:
    stored = as_document(read_yaml(analyst))
    place = stored
    for part in path[:-1]:
        place = place[part]  # type: ignore[index]
    place[path[-1]] = 7  # type: ignore[index]
    with pytest.raises(ManifestError) as caught:
        read_json(stored)
    assert (caught.value.problems[0].path, caught.value.problems[0].line) == (path, None)

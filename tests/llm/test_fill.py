"""The offline provider with a schema: JSON that validates and says nothing but what the passages say."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any, Literal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agents.llm.extractive.filling import BY_RULE, NOT_STATED
from agents.llm.providers.offline import Offline
from agents.llm.types import Message, Request, RequestRefused
from tests.llm.prompts import found
from tests.servers.llm import FakeLLM

QUESTION = "Question: What does the station store and what did it cost?"
STORES = "“The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]"
COST = "“The station cost EUR 4.2 million, of which the province paid a quarter.” [harbour-study.pdf, p. 5]"


def filled(schema: dict[str, Any], question: str = QUESTION, passages: str | None = None) -> Any:
    request = found(question) if passages is None else found(question, passages)
    return json.loads(
        asyncio.run(Offline().complete(replace(request, response_schema=schema), deadline=float("inf"))).text
    )


def one(schema: dict[str, Any], name: str = "answer") -> Any:
    return filled({"type": "object", "properties": {name: schema}, "required": [name]})[name]


def test_text_is_a_quotation_and_a_list_is_several() -> None:
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}, "findings": {"type": "array", "items": {"type": "string"}}},
        "required": ["answer", "findings"],
    }
    assert filled(schema) == {"answer": STORES, "findings": [STORES, COST]}


class Finding(BaseModel):
    claim: str
    document: str
    locator: str
    page: int


class Report(BaseModel):
    question: str
    findings: list[Finding]


def test_objects_are_about_one_sentence_each() -> None:
    report = Report.model_validate(filled(Report.model_json_schema()))
    assert report.question == "What does the station store and what did it cost?"
    assert report.findings == [
        Finding(claim="The station stores 18.4 MWh.", document="harbour-study.pdf", locator="p. 2", page=2),
        Finding(
            claim="The station cost EUR 4.2 million, of which the province paid a quarter.",
            document="harbour-study.pdf",
            locator="p. 5",
            page=5,
        ),
    ]


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("storage_mwh", {"type": "number"}, 18.4),
        ("cost_eur", {"type": "number"}, 4.2),
        ("cost_eur", {"type": "integer"}, 0),
        ("dividend_eur", {"type": "number"}, 0),
        ("dividend_eur", {"type": ["number", "null"]}, None),
        ("dividend_eur", {"anyOf": [{"type": "number"}, {"type": "null"}]}, None),
        ("employees", {"type": "integer", "minimum": 1}, 1),
        ("employees", {"type": "integer", "maximum": -3}, -3),
        ("employees", {"type": "number", "exclusiveMinimum": 2, "multipleOf": 0.5}, 2.5),
        ("employees", {"type": "integer", "default": 12}, 12),
        ("approved", {"type": "boolean"}, False),
        ("approved", {"type": ["boolean", "null"]}, None),
        ("mayor", {"type": "string"}, NOT_STATED),
        ("mayor", {"type": "string", "maxLength": 10}, "not stated"),
        ("mayor", {"type": ["string", "null"]}, None),
        ("mayors", {"type": "array", "items": {"type": "string"}}, []),
        ("mayors", {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}, [NOT_STATED, f"{NOT_STATED} (2)"]),
        ("reason", {"type": "string"}, BY_RULE),
        ("route", {"enum": ["fast", "slow"]}, "fast"),
        ("kind", {"enum": ["bridge", "quay", "tower"]}, "quay"),
        ("kind", {"const": 7}, 7),
        ("nothing", {"type": "null"}, None),
        ("citation", {"type": "string"}, "[harbour-study.pdf, p. 2]"),
    ],
)  # fmt: skip
def test_a_field(name: str, schema: dict[str, Any], value: Any) -> None:
    assert one(schema, name) == value


def test_a_flag_that_the_text_states() -> None:
    schema = {"type": "object", "properties": {"permit_granted": {"type": "boolean"}}, "required": ["permit_granted"]}
    assert filled(schema, passages="[a.txt, lines 1-2]\nPermit granted: yes, in 2020.") == {"permit_granted": True}


class Tree(BaseModel):
    name: str
    children: list[Tree] = Field(default_factory=list)


class Routed(BaseModel):
    next_agent: Literal["writer", "checker"]
    reason: str
    tree: Tree | None
    extra: dict[str, str]


def test_references_and_recursion() -> None:
    routed = Routed.model_validate(filled(Routed.model_json_schema()))
    assert (routed.next_agent, routed.reason, routed.extra) == ("writer", BY_RULE, {})


def test_without_passages_every_field_says_so() -> None:
    assert filled(Report.model_json_schema(), passages="No passages found.") == {
        "question": "What does the station store and what did it cost?",
        "findings": [],
    }


def test_what_cannot_be_filled_is_refused() -> None:
    with pytest.raises(RequestRefused, match="cannot fill this schema"):
        one({"type": "string", "enum": []})
    with pytest.raises(RequestRefused, match="cannot be used"):
        one({"type": "strin"})
    with pytest.raises(RequestRefused, match="cannot be used"):
        one({"$ref": "#/properties/answer"})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the library warns, then fetches
def test_no_reference_leads_out_of_the_schema(server: FakeLLM) -> None:
    with pytest.raises(RequestRefused, match="cannot be used"):
        one({"$ref": f"{server.url}/api/version"})


LEAVES = st.sampled_from([
    {"type": "string"}, {"type": "string", "minLength": 3, "maxLength": 40}, {"type": "integer", "minimum": 3}, {"type": "number"},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"type": "boolean"}, {"type": "null"}, {"enum": ["a", "b", 3]},
    {"const": "x"}, {"type": ["string", "null"]}, {"$ref": "#/$defs/leaf"}, {"type": "integer", "multipleOf": 5, "minimum": 7},
])  # fmt: skip
NAMES = st.sampled_from(["cost_eur", "findings", "document", "page", "Summary", "reason", "x", "year built"])


def shapes(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.dictionaries(NAMES, inner, max_size=4).map(
        lambda parts: {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}
    )
    arrays = st.builds(
        lambda item, least: {"type": "array", "items": item, "minItems": least, "maxItems": least + 3},
        inner,
        st.integers(0, 4),
    )
    either = st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts})
    return objects | arrays | either


@settings(max_examples=150)
@given(st.recursive(LEAVES, shapes, max_leaves=8))
def test_any_schema_gets_json_that_validates(schema: dict[str, Any]) -> None:
    schema = {**schema, "$defs": {"leaf": {"type": "string"}}}
    jsonschema.validate(filled(schema), schema)


def test_a_form_filled_from_earlier_answers() -> None:
    """How CrewAI turns a finished answer into an object: the text as the user's message, and the schema."""
    schema = {"type": "object", "properties": {"storage_mwh": {"type": "number"}}, "required": ["storage_mwh"]}
    request = Request([Message("user", f"Quoted from the documents:\n\n- {STORES}\n- {COST}")], response_schema=schema)
    assert json.loads(asyncio.run(Offline().complete(request, deadline=float("inf"))).text) == {"storage_mwh": 18.4}

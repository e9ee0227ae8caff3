"""Searching by words and by meaning together: what words miss is found, and where meaning is away words answer, aloud."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.knowledge.fusing import fuse
from agents.knowledge.queries import Passage
from agents.knowledge.tool import search_knowledge
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.knowledge.conftest import COLLECTIONS, Upload, work_off
from tests.knowledge.meaning.conftest import EMBEDDER, SEARCH, Choose, named, searched
from tests.servers.llm import FakeLLM, Fault


def test_meaning_finds_what_words_miss(api: APIClient, embedded: dict[str, str]) -> None:
    found = searched(api, "vessels")
    assert (named(found), found["by_meaning"], found["notice"]) == (["harbour.txt"], True, "")
    assert 0 < found["results"][0]["score"] <= 1
    api.delete(EMBEDDER)
    assert searched(api, "vessels")["results"] == []


def test_what_both_find_comes_first_and_the_order_is_always_the_same(
    api: APIClient, embedded: dict[str, str], upload: Upload
) -> None:
    upload(b"A vessel carries the mail.", "mail.txt")
    upload(b"The word boats is in this list of words.", "list.txt")
    work_off()
    first = searched(api, "vessels", top_k=20)
    assert named(first)[0] == "mail.txt"  # its word, and its meaning
    assert set(named(first)) == {"mail.txt", "list.txt", "harbour.txt"}
    assert [searched(api, "vessels", top_k=20) for _ in range(3)] == [first] * 3
    assert len(searched(api, "vessels", top_k=1)["results"]) == 1
    best = max(passage["score"] for passage in first["results"])
    above = searched(api, "vessels", threshold=best)["results"]
    assert above == [passage for passage in first["results"] if passage["score"] == best]


def test_a_question_is_embedded_once(api: APIClient, embedded: dict[str, str], server: FakeLLM) -> None:
    asked = len(server.embedded())
    for _ in range(3):
        assert named(searched(api, "vessels")) == ["harbour.txt"]
    assert server.embedded()[asked:] == [["vessels"]]


@pytest.mark.parametrize("query", ['"northern quay"', "quay -bread"])
def test_quotation_marks_and_minus_ask_for_words_alone(
    api: APIClient, embedded: dict[str, str], server: FakeLLM, query: str
) -> None:
    asked = len(server.embedded())
    found = searched(api, query)
    assert (named(found), found["by_meaning"], found["notice"]) == (["harbour.txt"], False, "")
    assert len(server.embedded()) == asked


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([Fault(status=500)] * 2, "openai is overloaded or failing (500)"),
        ([Fault("no_answer")], "The answer was not complete before the deadline."),
        ([[[float("nan")] * 64]] * 2, "is not one vector of numbers for each text."),
        ([[[1.0] * 32]], "answers with other vectors than those that are stored."),
    ],
)
def test_where_the_provider_fails_words_answer_and_that_is_said(
    in_acme: Tenant,
    api: APIClient,
    embedded: dict[str, str],
    server: FakeLLM,
    settings: Settings,
    steps: list[Any],
    says: str,
) -> None:
    if steps == [Fault("no_answer")]:
        settings.QUESTION_EMBEDDED_WITHIN = 0.5
    server.set_vectors(steps * 2)
    found = searched(api, "ships")
    assert (named(found), found["by_meaning"]) == (["harbour.txt"], False)
    assert found["notice"].startswith("Searched by words alone. ")
    assert says in found["notice"]
    lines: list[dict[str, Any]] = []
    text = search_knowledge(
        {"query": "ships"}, collection_ids=None, emit=lambda kind, **data: lines.append({"type": kind, **data})
    )
    notice, passage = text.split("\n\n")
    assert notice.startswith("Searched by words alone. ")
    assert passage == "[harbour.txt, lines 1-1]\nShips moor at the northern quay."
    assert (lines[0]["by_meaning"], lines[0]["notice"]) == (False, notice)


def test_the_tool_finds_by_meaning_and_tells_so(in_acme: Tenant, embedded: dict[str, str]) -> None:
    lines: list[dict[str, Any]] = []
    text = search_knowledge(
        {"query": "vessels"}, collection_ids=[], emit=lambda kind, **data: lines.append({"type": kind, **data})
    )
    assert text == "No passage in the documents of this workspace fits “vessels”."
    text = search_knowledge(
        {"query": "vessels"}, collection_ids=None, emit=lambda kind, **data: lines.append({"type": kind, **data})
    )
    assert text == "[harbour.txt, lines 1-1]\nShips moor at the northern quay."
    assert [(line["by_meaning"], len(line["results"])) for line in lines] == [(True, 0), (True, 1)]


def test_a_collection_narrows_both(api: APIClient, upload: Upload, choose_model: Choose) -> None:
    ids = [api.post(COLLECTIONS, {"name": name}, format="json").data["id"] for name in ("One", "Two")]
    for number, collection in enumerate(ids):
        upload(f"Ships of fleet {number}.".encode(), "fleet.txt", collection=collection)
    choose_model()
    work_off()
    found = searched(api, "vessels", collection=ids[1])
    assert [passage["text"] for passage in found["results"]] == ["Ships of fleet 1."]
    assert len(searched(api, "vessels")["results"]) == 2


def test_tenants_are_apart(
    api: APIClient, api_of: ApiOf, mallory: User, globex: Tenant, embedded: dict[str, str], upload: Upload
) -> None:
    stranger = api_of(mallory)
    upload(b"Vessels of Globex.", "own.txt", client=stranger, to="/w/globex/api/v1/knowledge/documents/")
    work_off()
    answer = stranger.post(SEARCH.replace("acme", "globex"), {"query": "ships moor"}, format="json").data
    assert (answer["results"], answer["by_meaning"]) == ([], False)
    assert named(searched(api, "vessels", top_k=20)) == ["harbour.txt"]


def passage(name: str, score: float, chunk: int) -> Passage:
    return Passage(name, "p. 1", "text", score, UUID(int=chunk), uuid4())


def test_places_in_both_rankings_are_added() -> None:
    a, b, c = passage("a", 0.9, 1), passage("b", 0.2, 2), passage("c", 0.4, 3)
    nearer = passage("b", 0.8, 2)
    fused = fuse([a, b], [nearer, c])
    assert [(each.document, each.score) for each in fused] == [("b", 0.8), ("a", 0.9), ("c", 0.4)]
    assert [each.document for each in fuse([a], [c])] == ["a", "c"]  # equal places: by name
    assert fuse([], []) == []

"""Cutting: nothing lost, nothing too long, nothing rewritten, and every passage knows its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.knowledge.chunking import OVERLAP, SIZE, Passage, chunk
from agents.knowledge.parsing import Section, parse_safely
from tests.knowledge.facts import DOCUMENTS, FACTS, STUDY, SURVEY

TEXTS = st.lists(
    st.text(max_size=40)
    | st.sampled_from([" ", "\n", "\n\n", ". A", "| a |\n", "- b\n", "e.g. ", "word " * 30, "x" * 90])
).map("".join)


@given(texts=st.lists(TEXTS, max_size=4), size=st.integers(20, 200), overlap=st.integers(0, 9))
def test_passages_cover_the_text_within_the_bounds(texts: list[str], size: int, overlap: int) -> None:
    passages = chunk([Section(text, f"p. {n}") for n, text in enumerate(texts)], size=size, overlap=overlap)
    assert [passage.position for passage in passages] == list(range(len(passages)))
    for number, text in enumerate(texts):
        assert_covered(text, [passage for passage in passages if passage.section == number], size, overlap)


def assert_covered(text: str, passages: list[Passage], size: int, overlap: int) -> None:
    end = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end] == passage.text.strip()
        assert 0 < len(passage.text) <= size
        assert end - passage.start <= overlap
        assert passage.end > end
        assert not text[end : passage.start].strip()
        end = passage.end
    assert not text[end:].strip()


@given(texts=TEXTS, size=st.integers(20, 200))
def test_lines_are_counted_from_the_first(texts: str, size: int) -> None:
    for passage in chunk([Section(texts, counts="lines")], size=size, overlap=5):
        unit, _, span = passage.locator.partition(" ")
        first, last = map(int, span.split("-"))
        lines = texts.split("\n")
        assert unit == "lines"
        assert passage.text in "\n".join(lines[first - 1 : last])
        assert lines[first - 1].strip()


def test_cuts_fall_between_sentences_not_after_abbreviations() -> None:
    text = "The relay opens, cf. Fig. 3, after 90 s. Dr. Berg reset it. Nobody was hurt."
    assert [passage.text for passage in chunk([Section(text)], size=45, overlap=0)] == [
        "The relay opens, cf. Fig. 3, after 90 s.",
        "Dr. Berg reset it. Nobody was hurt.",
    ]


def test_cuts_fall_between_rows_and_items() -> None:
    text = "| Ship | Load |\n|---|---|\n| Skua | 12 |\n- one item\n- another item"
    assert [passage.text for passage in chunk([Section(text)], size=26, overlap=0)] == [
        "| Ship | Load |\n|---|---|",
        "| Skua | 12 |\n- one item",
        "- another item",
    ]


def test_the_last_sentence_is_repeated_in_the_next_passage() -> None:
    text = "One is here. Two is here. Three is here. Four is here."
    assert [(passage.text, passage.start) for passage in chunk([Section(text)], size=40, overlap=15)] == [
        ("One is here. Two is here. Three is here.", 0),
        ("Three is here. Four is here.", 26),
    ]


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert [passage.text for passage in chunk([Section("x" * 50)], size=21, overlap=0)] == ["x" * 21, "x" * 21, "x" * 8]


def test_rows_keep_the_number_of_the_spreadsheet() -> None:
    [section] = parse_safely(b"Ship,Load\nSkua,12\nPetrel,13\nTern,14\n", "ships.csv").sections
    assert [passage.locator for passage in chunk([section], size=45, overlap=0)] == ["rows 2-3", "rows 4-4"]


@pytest.mark.parametrize("overlap", [-1, 450])
def test_an_overlap_that_would_never_end_is_refused(overlap: int) -> None:
    with pytest.raises(ValueError, match="smaller than half"):
        chunk([Section("text")], overlap=overlap)


@pytest.mark.parametrize("document", [STUDY, SURVEY])
def test_every_fact_of_the_samples_stands_whole_in_one_passage(document: str) -> None:
    passages = chunk(parse_safely(DOCUMENTS / document, document).sections)
    for fact in (fact for fact in FACTS if fact.document == document):
        holders = {passage.locator for passage in passages if fact.quote in " ".join(passage.text.split())}
        assert holders == {fact.locator}
    assert max(len(passage.text) for passage in passages) <= SIZE
    assert OVERLAP < SIZE


def test_the_largest_text_is_cut_in_seconds() -> None:
    began = time.process_time()
    passages = chunk([Section("A sentence of some length stands here. \n" * 500_000, counts="lines")])
    assert passages[-1].locator.endswith("-500000")
    assert time.process_time() - began < 10

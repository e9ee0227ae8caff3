"""Citations: found in an answer as people and models write them, and checked word by word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.knowledge.chunking import chunk
from agents.knowledge.citations import Citation, DocumentText, check, find, same_place
from agents.knowledge.parsing import Section, parse_safely
from tests.knowledge.facts import DOCUMENTS, FACTS, STUDY, SURVEY, Fact


@pytest.mark.parametrize(
    ("answer", "quote", "document", "locator"),
    [
        ("“It stores 18.4 MWh.” [a.pdf, p. 2]", "It stores 18.4 MWh.", "a.pdf", "p. 2"),
        ('"It stores 18.4 MWh." [a.pdf, p. 2]', "It stores 18.4 MWh.", "a.pdf", "p. 2"),
        ("He says “one” and “two”\n[a.pdf, page 12].", "two", "a.pdf", "p. 12"),
        ("““I need it cold.” she said” [a.pdf, pp. 2–3]", "“I need it cold.” she said", "a.pdf", "p. 2-3"),
        ("“quoted”. ([b.md, § Costs, and  more])", "quoted", "b.md", "§ Costs, and more"),
        ("“quoted” [my, own notes.txt, lines 3-9]", "quoted", "my, own notes.txt", "lines 3-9"),
        ("“quoted” [t.csv, row 7]", "quoted", "t.csv", "rows 7-7"),
        ("No words quoted [a.pdf, p. 2]", "", "a.pdf", "p. 2"),
        ("never opened” [a.pdf, p. 2]", "", "a.pdf", "p. 2"),
    ],
)
def test_a_citation_is_found(answer: str, quote: str, document: str, locator: str) -> None:
    [citation] = find(answer)
    assert (citation.quote, citation.document, citation.locator) == (quote, document, locator)
    assert quote in answer[citation.start : citation.end]
    assert answer[citation.end - 1] == "]"


@pytest.mark.parametrize(
    "answer", ["[1]", "[see above]", "[a link](http://example.org)", "array[a, 2]", "[a.pdf, chapter 2]", ""]
)
def test_other_brackets_are_no_citations(answer: str) -> None:
    assert find(answer) == []


def document(*sections: tuple[str, str]) -> DocumentText:
    return DocumentText(chunk([Section(text, locator) for locator, text in sections]))


STORED = {
    "a.pdf": document(
        (
            "p. 1",
            "The station stores 18.4 MWh, which is enough. The “old” cargo-\nbike was *slow*; 5-10 were built in the ﬁrst year.",
        ),
        ("p. 2", "It was opened on 3 May. It costs 1,200 euro, 88 % of the plan."),
    )
}


@pytest.mark.parametrize(
    ("quote", "locator", "status", "found_at"),
    [
        ("The station stores 18.4 MWh, which is enough.", "p. 1", "verified", "p. 1"),
        ("the station  stores 18.4 MWh.", "p. 1", "verified", "p. 1"),
        ("The \"old\" cargo-bike was slow", "p. 1", "verified", "p. 1"),
        ("The old cargo-bike was slow", "p. 1", "not_found", ""),
        ("5–10 were built in the first year", "p. 1", "verified", "p. 1"),
        ("The station stores … which is enough", "p. 1", "verified", "p. 1"),
        ("The station stores [...] opened on 3 May", "p. 1", "verified", "p. 1"),
        ("opened on 3 May … The station", "p. 2", "not_found", ""),
        ("It costs 1,200 euro, 88% of the plan", "p. 2", "verified", "p. 2"),
        ("first year. It was opened", "p. 2", "verified", "p. 2"),
        ("It was opened on 3 May.", "p. 1", "not_found", "p. 2"),
        ("It was opened on 3 May.", "p. 1-2", "verified", "p. 1-2"),
        ("8.4 MWh", "p. 1", "not_found", ""),
        ("stores 18", "p. 1", "not_found", ""),
        ("It costs 1,200 dollars", "p. 2", "not_found", ""),
        ("510 were built", "p. 1", "not_found", ""),
        ("…", "p. 1", "not_found", ""),
        ("", "p. 1", "unquoted", ""),
    ],
)  # fmt: skip
def test_the_quoted_words_decide(quote: str, locator: str, status: str, found_at: str) -> None:
    verdict = check(Citation(quote, "a.pdf", locator, 0, 0), STORED)
    assert (verdict.status, verdict.found_at) == (status, found_at)


def test_a_document_that_nobody_uploaded_is_unknown() -> None:
    assert check(Citation("words", "b.pdf", "p. 1", 0, 0), STORED).status == "unknown_document"


def test_a_quotation_over_the_border_of_two_passages_is_found() -> None:
    text = "One is here. Two is here. Three is here. Four is here. Five is here."
    passages = chunk([Section(text, counts="lines")], size=40, overlap=15)
    assert len(passages) > 2
    citation = Citation("Two is here. Three is here. Four is here. Five", "n.txt", "lines 1-1", 0, 0)
    assert check(citation, {"n.txt": DocumentText(passages)}).status == "verified"


@pytest.mark.parametrize(
    ("cited", "stored", "same"),
    [
        ("p. 2", "p. 2", True),
        ("p. 2", "p. 3", False),
        ("p. 2-4", "p. 3", True),
        ("lines 1-4", "lines 4-9", True),
        ("lines 1-3", "lines 4-9", False),
        ("lines 1-3", "rows 1-3", False),
        ("§ costs  today", "§ Costs today", True),
        ("§ Costs", "§ Costs today", False),
        ("§ p. 2", "p. 2", False),
    ],
)
def test_places_overlap_or_are_equal(cited: str, stored: str, same: bool) -> None:
    assert same_place(cited, stored) is same


def sample(name: str) -> DocumentText:
    return DocumentText(chunk(parse_safely(DOCUMENTS / name, name).sections))


@pytest.fixture(scope="module")
def samples() -> dict[str, DocumentText]:
    return {name: sample(name) for name in (STUDY, SURVEY)}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.question)
def test_the_facts_of_the_samples_verify(fact: Fact, samples: dict[str, DocumentText]) -> None:
    [citation] = find(f"So it is: “{fact.quote}” [{fact.document}, {fact.locator}]")
    assert check(citation, samples).status == "verified"
    changed = Citation(
        citation.quote.replace("4", "5").replace("2", "3").replace("8", "9"), fact.document, fact.locator, 0, 0
    )
    assert check(changed, samples).status == "not_found"


@given(st.text(alphabet='“”"[](), .§p1-x\n…', max_size=400))
def test_any_text_can_be_searched_for_citations(text: str) -> None:
    for citation in find(text):
        assert 0 <= citation.start < citation.end <= len(text)
        check(citation, {citation.document: STORED["a.pdf"]})


def test_an_answer_made_to_be_slow_is_not() -> None:
    began = time.process_time()
    assert find("[a, " * 100_000 + "“" * 100_000) == []
    quote = "… it ".join(["the"] * 300)
    check(Citation(quote, "a.pdf", "p. 1", 0, 0), {"a.pdf": document(("p. 1", "the it " * 20_000))})
    assert time.process_time() - began < 5

"""Checking a run's answer against the stored documents, as the run page and the demo do."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.knowledge.checking import citations_of
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.knowledge.conftest import COLLECTIONS, Upload, work_off
from tests.knowledge.facts import FACTS

CITATIONS = "/w/acme/api/v1/knowledge/citations/"


def test_the_facts_verify_and_changed_facts_do_not(in_acme: Tenant, samples: dict[str, str]) -> None:
    true = " ".join(f"“{fact.quote}” [{fact.document}, {fact.locator}]" for fact in FACTS)
    assert [checked.status for checked in citations_of(true)] == ["verified"] * 12
    false = true.replace("4.4 MW", "5.4 MW").replace("46 %", "64 %")
    assert [checked.status for checked in citations_of(false)].count("not_found") == 2


def test_the_api_says_of_each_citation_what_became_of_it(api: APIClient, samples: dict[str, str]) -> None:
    text = (
        "“The bike was therefore one third faster.” [riverside-market-survey.pdf, p. 4] "
        "“It is free.” [brochure.pdf, p. 1] See [harbour-battery-study.md, § Costs]."
    )
    answer = api.post(CITATIONS, {"text": text}, format="json")
    assert answer.status_code == 200
    assert [(found["document"], found["status"], found["found_at"]) for found in answer.data["citations"]] == [
        ("riverside-market-survey.pdf", "not_found", "p. 3"),
        ("brochure.pdf", "unknown_document", ""),
        ("harbour-battery-study.md", "unquoted", ""),
    ]
    first = answer.data["citations"][0]
    assert (
        text[first["start"] : first["end"]]
        == "“The bike was therefore one third faster.” [riverside-market-survey.pdf, p. 4]"
    )


def test_a_name_that_two_collections_share_verifies_in_either(in_acme: Tenant, api: APIClient, upload: Upload) -> None:
    for number in range(2):
        collection = api.post(COLLECTIONS, {"name": f"C{number}"}, format="json").data["id"]
        upload(f"The lighthouse is {number + 4} m high.".encode(), "light.txt", collection=collection)
    work_off()
    answer = "“The lighthouse is 4 m high.” [light.txt, lines 1-1] “The lighthouse is 5 m high.” [light.txt, lines 1-1]"
    assert [checked.status for checked in citations_of(answer)] == ["verified", "verified"]


def test_a_document_that_is_not_ready_is_unknown(in_acme: Tenant, upload: Upload) -> None:
    upload(b"The lighthouse is high.", "light.txt")
    assert citations_of("“The lighthouse is high.” [light.txt, lines 1-1]")[0].status == "unknown_document"


def test_another_workspace_verifies_nothing_of_it(api_of: ApiOf, mallory: User, samples: dict[str, str]) -> None:
    text = f"“{FACTS[0].quote}” [{FACTS[0].document}, {FACTS[0].locator}]"
    answer = api_of(mallory).post(CITATIONS.replace("acme", "globex"), {"text": text}, format="json")
    assert answer.data["citations"][0]["status"] == "unknown_document"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 200_001}])
def test_a_text_is_needed(api: APIClient, body: dict[str, str]) -> None:
    assert api.post(CITATIONS, body, format="json").status_code == 400

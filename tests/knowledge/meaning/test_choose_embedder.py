"""Choosing who makes vectors: it is asked once, nothing is chosen that does not answer, and another model begins anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from agents.knowledge.models import Document, Embedder, PassageVector
from projects.work.models import WorkItem
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf, ClientOf
from tests.knowledge.conftest import Upload, work_off
from tests.knowledge.meaning.conftest import EMBEDDER, HARBOUR, MODEL, PROVIDERS, Choose, searched, standing
from tests.servers.llm import FakeLLM, Fault

OFF = {
    "state": "off",
    "provider": None,
    "model": "",
    "dimensions": 0,
    "error": "",
    "passages": 0,
    "embedded": 0,
    "refused": 0,
    "is_possible": True,
}


def test_without_a_choice_search_goes_by_words_alone_and_says_nothing_of_it(api: APIClient) -> None:
    assert standing(api) == OFF
    assert searched(api, "vessels") == {"results": [], "by_meaning": False, "notice": ""}


def test_what_was_uploaded_before_is_embedded_too(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM, provider: dict[str, Any]
) -> None:
    upload(HARBOUR, "harbour.txt")
    work_off()
    answer = choose_model()
    assert answer.status_code == 200
    chosen = {"state": "working", "provider": provider["id"], "model": f"openai/{MODEL}", "dimensions": 64}
    assert answer.data == {**OFF, **chosen, "passages": 1}
    assert work_off() == 1
    assert standing(api) == {**OFF, **chosen, "passages": 1, "embedded": 1}
    assert server.embedded() == [["Which documents are there?"], ["Ships moor at the northern quay."]]
    assert AuditEntry.objects.get(action="embedder.chosen").detail == {"model": f"openai/{MODEL}"}


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (Fault(status=401), "openai refused the credential (401)"),
        (Fault(status=404), "openai refused the request (404)"),
        ([], "There are not as many vectors as texts."),
        ([[float("nan"), 1.0]], "What openai sent is not one vector of numbers for each text."),
        ([["a", "b"]], "What openai sent is not one vector of numbers for each text."),
        ([[0.0, 0.0]], "What openai sent is not one vector of numbers for each text."),
        ([[]], "What openai sent is not one vector of numbers for each text."),
    ],
)
def test_what_does_not_answer_is_not_chosen(
    in_acme: Tenant, choose_model: Choose, server: FakeLLM, step: Any, says: str
) -> None:
    server.set_vectors([step, step])
    answer = choose_model()
    assert answer.status_code == 400
    [error] = answer.data["errors"]
    assert (error["field"], error["code"]) == ("model", "cannot_embed")
    assert says in error["detail"]
    assert not Embedder.objects.exists()
    assert not WorkItem.objects.exists()
    assert not AuditEntry.objects.filter(action="embedder.chosen").exists()


def test_the_offline_provider_never_invents_vectors(in_acme: Tenant, api: APIClient) -> None:
    answer = api.put(EMBEDDER, {"provider": None, "model": "extractive-1"}, format="json")
    assert answer.status_code == 400
    assert answer.data["errors"][0]["detail"] == "The offline provider has no embeddings."
    assert not Embedder.objects.exists()


def test_a_name_with_another_provider_in_front_is_refused(choose_model: Choose) -> None:
    answer = choose_model("ollama/nomic-embed-text")
    assert answer.status_code == 400
    assert "Name the model alone." in answer.data["detail"]


def test_another_model_begins_anew_and_the_same_one_does_not(
    in_acme: Tenant, api: APIClient, choose_model: Choose, embedded: dict[str, str], server: FakeLLM
) -> None:
    asked = len(server.embedded())
    assert choose_model().data["embedded"] == 2
    assert (work_off(), len(server.embedded())) == (1, asked + 1)  # the question that finds out whether it answers
    answer = choose_model("text-embedding-3-large")
    assert (answer.data["model"], answer.data["embedded"]) == ("openai/text-embedding-3-large", 0)
    assert not PassageVector.objects.exists()
    work_off()
    assert standing(api)["embedded"] == 2
    assert {vector.embedder.model for vector in PassageVector.objects.all()} == {"text-embedding-3-large"}


def test_without_it_the_vectors_are_gone(in_acme: Tenant, api: APIClient, embedded: dict[str, str]) -> None:
    assert api.delete(EMBEDDER).status_code == 204
    assert not PassageVector.objects.exists()
    assert set(Document.objects.values_list("embedded_count", flat=True)) == {0}
    assert searched(api, "vessels") == {"results": [], "by_meaning": False, "notice": ""}
    assert api.delete(EMBEDDER).status_code == 404
    assert api.post(f"{EMBEDDER}retry/").status_code == 404


def test_a_provider_that_embeds_is_not_deleted(
    in_acme: Tenant, api: APIClient, embedded: dict[str, str], provider: dict[str, Any]
) -> None:
    answer = api.delete(f"{PROVIDERS}{provider['id']}/")
    assert (answer.status_code, answer.data["code"]) == (409, "in_use")
    api.delete(EMBEDDER)
    assert api.delete(f"{PROVIDERS}{provider['id']}/").status_code == 204


def test_admins_choose_members_look_and_strangers_see_nothing(
    in_acme: Tenant, api_of: ApiOf, victor: User, mallory: User, choose_model: Choose, embedded: dict[str, str]
) -> None:
    viewer, stranger = api_of(victor), api_of(mallory)
    assert standing(viewer)["embedded"] == 2
    assert choose_model("other", client=viewer).status_code == 403
    assert viewer.delete(EMBEDDER).status_code == 403
    assert viewer.post(f"{EMBEDDER}retry/").status_code == 403
    for answer in (stranger.get(EMBEDDER), choose_model(client=stranger), stranger.delete(EMBEDDER)):
        assert answer.status_code == 404
    assert Embedder.objects.get().model == MODEL


def test_another_workspaces_provider_does_not_exist(
    api_of: ApiOf, mallory: User, globex: Tenant, provider: dict[str, Any]
) -> None:
    url = EMBEDDER.replace("acme", "globex")
    body = {"provider": provider["id"], "model": MODEL}
    assert api_of(mallory).put(url, body, format="json").status_code == 404


def test_a_server_without_pgvector_searches_by_words_and_says_so(
    in_acme: Tenant, api: APIClient, choose_model: Choose, embedded: dict[str, str], server: FakeLLM
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION vector")  # comes back with the end of the test
    asked = len(server.embedded())
    found = searched(api, "Where do ships moor?")
    assert [passage["document"] for passage in found["results"]] == ["harbour.txt"]
    assert (found["by_meaning"], found["notice"]) == (
        False,
        "Searched by words alone. This database server has no pgvector.",
    )
    assert standing(api)["is_possible"] is False
    answer = choose_model("other")
    assert (answer.status_code, answer.data["code"]) == (409, "no_pgvector")
    assert len(server.embedded()) == asked


def test_the_page_shows_how_it_stands_and_takes_the_choice(
    in_acme: Tenant, client_of: ClientOf, alice: User, victor: User, upload: Upload, provider: dict[str, Any]
) -> None:
    upload(HARBOUR, "harbour.txt")
    work_off()
    page, viewer = client_of(alice), client_of(victor)
    assert "Search goes by words alone." in viewer.get("/w/acme/documents/").content.decode()
    body = {"provider": provider["id"], "model": MODEL}
    assert viewer.post("/w/acme/documents/meaning/", body).status_code == 403
    assert page.post("/w/acme/documents/meaning/", body).status_code == 302
    work_off()
    shown = " ".join(page.get("/w/acme/documents/?q=vessels").content.decode().split())
    assert f"openai/{MODEL}" in shown
    assert "1 of 1 passage has a vector." in shown
    assert "Searched by words and by meaning." in shown
    assert page.post("/w/acme/documents/meaning/", {"drop": "1"}).status_code == 302
    assert not Embedder.objects.exists()


def test_the_page_says_why_a_model_was_not_taken(
    in_acme: Tenant, client_of: ClientOf, alice: User, provider: dict[str, Any], server: FakeLLM
) -> None:
    server.set_vectors([Fault(status=404)])
    answer = client_of(alice).post("/w/acme/documents/meaning/", {"provider": provider["id"], "model": "none-such"})
    assert answer.status_code == 400
    shown = answer.content.decode()
    assert "openai refused the request (404)" in shown
    assert 'value="none-such"' in shown
    assert not Embedder.objects.exists()

"""Vectors are made in the background: paid for once, through every fault of a provider, and never mixed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.knowledge import embedding
from agents.knowledge.models import Document, Embedder, PassageVector
from agents.llm import choose
from projects.budgets.models import Account
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.knowledge.conftest import DOCS, Upload, work_off
from tests.knowledge.meaning.conftest import (
    EMBEDDER,
    HARBOUR,
    KITCHEN,
    PROVIDERS,
    Choose,
    document,
    named,
    searched,
    standing,
)
from tests.servers.llm import FakeLLM, Fault

BUDGETS = "/w/acme/api/v1/budgets/"


def pages(count: int) -> bytes:
    """A document of so many passages."""
    return "\n\n".join(f"# Chapter {number}\n\nText of chapter {number}." for number in range(count)).encode()


def test_a_document_is_ready_at_once_and_embedded_after(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM
) -> None:
    choose_model()
    pk = upload(pages(embedding.BATCH + 6), "long.md").data["id"]
    work_off()
    found = document(api, pk)
    assert (found["state"], found["passage_count"], found["embedded_count"]) == ("ready", 70, 70)
    assert [len(texts) for texts in server.embedded()] == [1, 64, 6]
    assert server.embedded()[1][0] == "Chapter 0\nText of chapter 0."
    lengths = [sum(number * number for number in vector.numbers) for vector in PassageVector.objects.all()]
    assert lengths == pytest.approx([1.0] * 70, abs=1e-5)


def test_a_worker_that_lost_its_lease_stores_nothing_and_the_next_pays_for_what_is_missing(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM
) -> None:
    upload(pages(70), "long.md")
    work_off()
    choose_model()
    with enter(PUBLIC):
        lease = leases.claim(["default"])
    assert lease is not None

    def steps() -> Iterator[None]:
        yield None
        lease.lost.set()  # while the second batch is under way
        yield None

    server.set_vectors(steps())
    tasks.carry_out(lease)
    assert standing(api)["embedded"] == 64
    work_off()
    assert standing(api)["embedded"] == 70
    assert [len(texts) for texts in server.embedded()] == [1, 64, 6, 6]
    assert PassageVector.objects.count() == 70


TWICE: dict[str, list[Any]] = {
    "500": [Fault(status=500)] * 2,
    "no answer at all": [Fault("no_answer")],
    "too few": [[[1.0] * 64]] * 2,
    "too many": [[[1.0] * 64] * 3] * 2,
    "not a number": [[[float("nan")] * 64, [1.0] * 64]] * 2,
    "empty": [[[], []]] * 2,
    "of two lengths": [[[1.0] * 64, [1.0] * 63]] * 2,
    "null": [[None, None]] * 2,
}


@pytest.mark.parametrize("fault", TWICE)
def test_a_provider_that_fails_delays_it_and_words_find_the_document_meanwhile(
    in_acme: Tenant,
    api: APIClient,
    upload: Upload,
    choose_model: Choose,
    server: FakeLLM,
    settings: Settings,
    fault: str,
) -> None:
    choose_model()
    if fault == "no answer at all":
        settings.PASSAGES_EMBEDDED_WITHIN = 0.5
    server.set_vectors(TWICE[fault])
    pk = upload(pages(2), "chapters.md").data["id"]
    work_off()
    state = standing(api)
    assert (state["state"], state["embedded"], bool(state["error"])) == ("delayed", 0, True)
    found = searched(api, "chapter")
    assert len(found["results"]) == 2
    assert found["notice"] == "2 of 2 passages have no vector yet; words alone find them."
    item = WorkItem.objects.get(kind="embedding")
    assert (item.state, Embedder.objects.get().failures) == ("queued", 1)

    settings.PASSAGES_EMBEDDED_WITHIN = 600.0
    assert api.post(f"{EMBEDDER}retry/").status_code == 202
    work_off()
    assert (standing(api)["state"], standing(api)["error"]) == ("working", "")
    assert document(api, pk)["embedded_count"] == 2
    assert Embedder.objects.get().failures == 0


def test_each_further_failure_waits_twice_as_long(
    in_acme: Tenant, upload: Upload, choose_model: Choose, server: FakeLLM
) -> None:
    choose_model()
    server.set_vectors([Fault(status=500)] * 4)
    upload(HARBOUR, "harbour.txt")
    work_off()
    item = WorkItem.objects.get(kind="embedding")
    first = item.queued_at
    WorkItem.objects.filter(pk=item.pk).update(queued_at="2020-01-01T00:00:00Z")
    work_off()
    item.refresh_from_db()
    assert (item.queued_at - first).total_seconds() == 30.0  # from one moment of the database: 60 s against 30 s


@pytest.mark.parametrize(("status", "says"), [(401, "refused the credential"), (404, "refused the request")])
def test_a_refused_key_or_model_stops_it_until_somebody_tries_again(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM, status: int, says: str
) -> None:
    choose_model()
    server.set_vectors([Fault(status=status)])
    upload(HARBOUR, "harbour.txt")
    work_off()
    state = standing(api)
    assert state["state"] == "stopped"
    assert says in state["error"]
    asked = len(server.embedded())
    found = searched(api, "ships")
    assert (named(found), found["by_meaning"]) == (["harbour.txt"], False)
    assert found["notice"] == f"Searched by words alone. {state['model']} is stopped: {state['error']}"
    upload(KITCHEN, "kitchen.txt")
    work_off()
    assert len(server.embedded()) == asked
    api.post(f"{EMBEDDER}retry/")
    work_off()
    assert (standing(api)["state"], standing(api)["embedded"]) == ("working", 2)


def test_a_provider_that_is_switched_off_stops_it_and_is_asked_nothing(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM, provider: dict[str, Any]
) -> None:
    choose_model()
    asked = len(server.embedded())
    api.patch(f"{PROVIDERS}{provider['id']}/", {"is_enabled": False}, format="json")
    pk = upload(HARBOUR, "harbour.txt").data["id"]
    work_off()
    state = standing(api)
    assert (state["state"], state["error"]) == ("stopped", "The provider “Team account” is switched off.")
    assert document(api, pk)["embedding_error"] == ""
    assert named(searched(api, "ships")) == ["harbour.txt"]
    assert len(server.embedded()) == asked


def test_where_the_operators_provider_is_away_it_waits_for_it(
    in_acme: Tenant, api: APIClient, upload: Upload, server: FakeLLM, settings: Settings
) -> None:
    nobody = settings.LLM
    settings.LLM = {**nobody, "openai_base_url": server.openai_url, "openai_model": "fake-1"}
    assert api.put(EMBEDDER, {"provider": None, "model": "fake-1"}, format="json").status_code == 200
    settings.LLM = nobody
    choose.forget_probes()
    pk = upload(HARBOUR, "harbour.txt").data["id"]
    work_off()
    assert standing(api)["state"] == "delayed"
    assert (document(api, pk)["embedding_error"], document(api, pk)["embedded_count"]) == ("", 0)


def test_a_refused_document_says_why_and_the_others_go_on(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM
) -> None:
    ids = [upload(data, name).data["id"] for name, data in (("a.txt", HARBOUR), ("b.txt", KITCHEN))]
    work_off()
    choose_model()
    server.set_vectors([Fault(status=400, message="input is too long")])
    work_off()
    refused, fine = (document(api, pk) for pk in ids)
    assert "input is too long" in refused["embedding_error"]
    assert (refused["state"], refused["embedded_count"]) == ("ready", 0)
    assert (fine["embedding_error"], fine["embedded_count"]) == ("", 1)
    assert standing(api)["refused"] == 1
    assert api.post(f"{DOCS}{ids[0]}/retry/").status_code == 202
    work_off()
    assert (document(api, ids[0])["embedding_error"], document(api, ids[0])["embedded_count"]) == ("", 1)
    assert api.post(f"{DOCS}{ids[1]}/retry/").status_code == 409


def test_vectors_of_another_length_are_never_stored(
    in_acme: Tenant, api: APIClient, upload: Upload, embedded: dict[str, str], server: FakeLLM
) -> None:
    server.set_vectors([[[1.0] * 32]])
    pk = upload(b"A third one.", "third.txt").data["id"]
    work_off()
    state = standing(api)
    assert (state["state"], state["embedded"]) == ("stopped", 2)
    assert "with 32 numbers per vector, and was" in state["error"]
    assert document(api, pk)["embedded_count"] == 0
    assert {len(vector.numbers) for vector in PassageVector.objects.all()} == {64}


def test_a_deleted_document_takes_its_vectors_with_it(
    in_acme: Tenant, api: APIClient, embedded: dict[str, str]
) -> None:
    assert PassageVector.objects.count() == 2
    assert api.delete(f"{DOCS}{embedded['harbour.txt']}/").status_code == 204
    [left] = PassageVector.objects.all()
    assert str(left.chunk.document_id) == embedded["kitchen.txt"]


def test_what_it_took_stands_in_the_usage_and_in_the_budget(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose
) -> None:
    assert api.post(BUDGETS, {"scope": "workspace", "tokens": 10_000}, format="json").status_code == 201
    choose_model()
    upload(HARBOUR, "harbour.txt")
    work_off()
    searched(api, "vessels")
    lines = api.get("/w/acme/api/v1/usage/?by=model").data["results"]
    assert [(line["key"], line["model_calls"]) for line in lines] == [("openai/text-embedding-3-small", 3)]
    [line] = lines
    assert line["prompt_tokens"] > 10
    account = Account.objects.get(source="budget")
    assert (account.model_calls_used, account.tokens_used) == (3, line["prompt_tokens"])
    assert (account.tokens_reserved, account.model_calls_reserved) == (0, 0)
    assert account.usd_used == Decimal(line["cost"])


def test_a_budget_without_room_delays_it_and_asks_nobody(
    in_acme: Tenant, api: APIClient, upload: Upload, choose_model: Choose, server: FakeLLM
) -> None:
    choose_model()
    asked = len(server.embedded())
    assert api.post(BUDGETS, {"scope": "workspace", "tokens": 5}, format="json").status_code == 201
    upload(HARBOUR, "harbour.txt")
    work_off()
    assert standing(api)["state"] == "delayed"
    found = searched(api, "ships")
    assert (named(found), found["by_meaning"], len(server.embedded())) == (["harbour.txt"], False, asked)
    assert Document.objects.get().embedded_count == 0

"""Reading back, listing, deleting: a deleted document is gone with its passages and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from agents.models import Agent
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.knowledge.conftest import COLLECTIONS, DOCS, Upload, files_in, work_off
from tests.knowledge.facts import STUDY, SURVEY


def test_the_file_comes_back_byte_by_byte_as_a_download(api: APIClient, upload: Upload) -> None:
    page = b"<script>alert(1)</script><h1>Prices</h1><p>Four euro.</p>"
    document_id = upload(page, 'price; list".html').data["id"]
    answer = api.get(f"{DOCS}{document_id}/content/")
    assert b"".join(answer.streaming_content) == page  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="price; list\\".html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


def test_a_deleted_document_leaves_nothing(
    in_acme: Tenant,
    api: APIClient,
    samples: dict[str, str],
    media: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert len(files_in(media)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{DOCS}{samples[STUDY]}/").status_code == 204
    assert [document.name for document in Document.objects.all()] == [SURVEY]
    assert not Chunk.objects.filter(document_id=samples[STUDY]).exists()
    assert [path.name for path in files_in(media)] == [samples[SURVEY]]
    assert AuditEntry.objects.get(action="document.deleted").target_name == STUDY
    assert api.get(f"{DOCS}{samples[STUDY]}/").status_code == 404


def test_a_document_deleted_before_it_is_read_is_not_read(in_acme: Tenant, api: APIClient, upload: Upload) -> None:
    document_id = upload(b"Some text.", "a.txt").data["id"]
    assert api.delete(f"{DOCS}{document_id}/").status_code == 204
    assert WorkItem.objects.get().state == "done"
    assert work_off() == 0


def test_a_document_deleted_while_a_worker_holds_it_stays_deleted(
    in_acme: Tenant, api: APIClient, upload: Upload
) -> None:
    document_id = upload(b"Some text.", "a.txt").data["id"]
    with enter(PUBLIC):
        lease = leases.claim(["default"])
    assert lease is not None
    assert api.delete(f"{DOCS}{document_id}/").status_code == 204
    with enter(PUBLIC):
        tasks.carry_out(lease)
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()


@pytest.mark.parametrize("method", ["get", "delete"])
@pytest.mark.parametrize("path", ["", "content/", "passages/", "retry/"])
def test_a_stranger_finds_nothing(
    in_acme: Tenant, api_of: ApiOf, mallory: User, upload: Upload, method: str, path: str
) -> None:
    document_id = upload(b"Some text.", "a.txt").data["id"]
    client = api_of(mallory)
    for workspace in ("acme", "globex"):
        url = f"/w/{workspace}/api/v1/knowledge/documents/{document_id}/{path}"
        assert getattr(client, "post" if path == "retry/" else method)(url).status_code in {404, 405}
    with enter("t_acme"):
        assert Document.objects.get().name == "a.txt"


def test_a_viewer_may_look_but_not_delete(in_acme: Tenant, api_of: ApiOf, victor: User, upload: Upload) -> None:
    document_id = upload(b"Some text.", "a.txt").data["id"]
    client = api_of(victor)
    assert client.get(f"{DOCS}{document_id}/").data["name"] == "a.txt"
    assert client.delete(f"{DOCS}{document_id}/").status_code == 403
    assert client.post(f"{DOCS}{document_id}/retry/").status_code == 403
    assert Document.objects.count() == 1


def test_lists_are_filtered_and_unknown_filters_refused(
    in_acme: Tenant, api: APIClient, samples: dict[str, str], upload: Upload
) -> None:
    other = api.post(COLLECTIONS, {"name": "Other"}, format="json").data["id"]
    upload(b"Some text.", "a.txt", collection=other)
    assert names(api, "") == ["a.txt", SURVEY, STUDY]
    assert names(api, "?state=ready") == [SURVEY, STUDY]
    assert names(api, f"?collection={other}") == ["a.txt"]
    assert names(api, f"?collection={other}&state=ready") == []
    for wrong, field in (("?state=eaten", "state"), ("?collection=7", "collection"), ("?colour=red", "colour")):
        answer = api.get(DOCS + wrong)
        assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, field)


def names(api: APIClient, query: str) -> list[str]:
    return [document["name"] for document in api.get(DOCS + query).data["results"]]


def test_lists_take_as_many_queries_for_twenty_as_for_one(
    in_acme: Tenant, api: APIClient, upload: Upload, django_assert_max_num_queries: Any
) -> None:
    upload(b"Number -1.", "first.txt")
    few = count_queries(api, DOCS), count_queries(api, COLLECTIONS)
    for number in range(5):
        collection = api.post(COLLECTIONS, {"name": f"Collection {number}"}, format="json").data["id"]
        for turn in range(4):
            upload(b"Number %d." % turn, f"{turn}.txt", collection=collection)
    assert (count_queries(api, DOCS), count_queries(api, COLLECTIONS)) == few


def count_queries(api: APIClient, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert api.get(url).status_code == 200
    return len(captured)


def test_a_collection_is_made_renamed_and_counted(in_acme: Tenant, api: APIClient, samples: dict[str, str]) -> None:
    made = api.post(COLLECTIONS, {"name": " Reports ", "description": "Of the year."}, format="json")
    assert (made.status_code, made.data["name"]) == (201, "Reports")
    taken = api.post(COLLECTIONS, {"name": "Reports"}, format="json")
    assert (taken.status_code, taken.data["errors"][0]["field"]) == (409, "name")
    url = f"{COLLECTIONS}{made.data['id']}/"
    renamed = api.patch(url, {"name": "Studies"}, format="json", headers={"If-Match": made["ETag"]})
    assert (renamed.status_code, renamed.data["name"], renamed.data["description"]) == (200, "Studies", "Of the year.")
    assert api.patch(url, {"name": "Late"}, format="json", headers={"If-Match": made["ETag"]}).status_code == 412
    assert api.get(url).data["name"] == "Studies"
    lines = {line["name"]: line for line in api.get(COLLECTIONS).data["results"]}
    assert (lines["Studies"]["document_count"], lines["Studies"]["size"]) == (0, 0)
    assert (lines["Documents"]["document_count"], lines["Documents"]["passage_count"]) == (2, 39)


def test_a_deleted_collection_takes_its_documents_along(
    in_acme: Tenant,
    api: APIClient,
    samples: dict[str, str],
    media: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    collection = KnowledgeCollection.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{COLLECTIONS}{collection.pk}/").status_code == 204
    assert not KnowledgeCollection.objects.exists()
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()
    assert files_in(media) == []
    assert sorted(AuditEntry.objects.get(action="collection.deleted").detail["documents"]) == [STUDY, SURVEY]


def test_a_collection_that_an_agent_searches_is_kept(in_acme: Tenant, api: APIClient, samples: dict[str, str]) -> None:
    collection = KnowledgeCollection.objects.get()
    analyst = Agent.objects.create(name="Analyst", role="Reads", goal="Answers")
    analyst.collections.add(collection)
    answer = api.delete(f"{COLLECTIONS}{collection.pk}/")
    assert (answer.status_code, answer.data["code"]) == (409, "in_use")
    assert answer.data["detail"] == "“Documents” is searched by Analyst. Take it from these agents first."
    assert Document.objects.count() == 2


def test_collections_are_for_members_and_changed_by_builders(
    in_acme: Tenant, api: APIClient, api_of: ApiOf, victor: User, mallory: User
) -> None:
    url = f"{COLLECTIONS}{api.post(COLLECTIONS, {'name': 'Reports'}, format='json').data['id']}/"
    for client, status in ((api_of(victor), 403), (api_of(mallory), 404), (APIClient(), 401)):
        assert client.post(COLLECTIONS, {"name": "X"}, format="json").status_code == status
        assert client.patch(url, {"name": "X"}, format="json").status_code == status
        assert client.delete(url).status_code == status
    assert [collection.name for collection in KnowledgeCollection.objects.all()] == ["Reports"]


def test_a_file_is_kept_when_the_deletion_is_rolled_back(
    in_acme: Tenant, api: APIClient, samples: dict[str, str], media: Path
) -> None:
    with transaction.atomic():
        assert api.delete(f"{DOCS}{samples[STUDY]}/").status_code == 204
        transaction.set_rollback(True)
    assert Document.objects.count() == 2
    assert len(files_in(media)) == 2

"""Uploading: what is kept, what is refused with a sentence, and that a refusal leaves nothing behind."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from agents.knowledge import execution, services
from agents.knowledge.chunking import chunk
from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from agents.knowledge.parsing import Section, parse_safely
from projects.work.models import WorkItem
from tenants.context import enter
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.knowledge import files
from tests.knowledge.conftest import COLLECTIONS, DOCS, Upload, files_in, work_off
from tests.knowledge.facts import DOCUMENTS, STUDY, SURVEY

TEXT = b"The relay opens after 90 seconds."


def nothing_left(media: Path) -> None:
    assert not Document.objects.exists()
    assert not WorkItem.objects.exists()
    assert not AuditEntry.objects.filter(action="document.uploaded").exists()
    assert files_in(media) == []


def test_a_document_is_kept_and_read_in_the_background(
    in_acme: Tenant, upload: Upload, api: APIClient, media: Path
) -> None:
    data = (DOCUMENTS / SURVEY).read_bytes()
    answer = upload(data, SURVEY)
    assert answer.status_code == 202
    assert answer.data["name"] == SURVEY
    assert answer.data["state"] == "received"
    assert answer.data["collection_name"] == "Documents"
    assert answer.data["size"] == len(data)
    assert answer.data["sha256"] == hashlib.sha256(data).hexdigest()
    assert answer.data["uploaded_by"] == "Alice Archer"
    [path] = files_in(media)
    assert path == media / "t_acme" / "documents" / answer.data["id"]
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [item] = WorkItem.objects.all()
    assert (item.schema, item.kind, str(item.object_id), item.queue) == (
        "t_acme",
        "document",
        answer.data["id"],
        "default",
    )

    assert work_off() == 1
    ready = api.get(f"{DOCS}{answer.data['id']}/").data
    assert (ready["state"], ready["pages"], ready["passage_count"], ready["error"]) == ("ready", 6, 14, "")
    assert ready["ready_at"] is not None
    passages = api.get(f"{DOCS}{answer.data['id']}/passages/?page_size=100").data["results"]
    assert [passage["position"] for passage in passages] == list(range(14))
    assert {passage["locator"] for passage in passages} == {f"p. {number}" for number in range(1, 7)}


REFUSED: dict[str, tuple[bytes, str, int, str, str]] = {
    "fake pdf": (
        b"Dear board,",
        "plan.pdf",
        400,
        "wrong_content",
        "“plan.pdf” is not a PDF: it begins with “Dear board,”.",
    ),
    "unknown": (
        b"MZ",
        "tool.exe",
        400,
        "unsupported_type",
        "“tool.exe” cannot be read: Guildhall reads files that end in",
    ),
    "empty": (b"", "notes.txt", 400, "no_text", "“notes.txt” is empty."),
    "one byte too many": (
        b"x" * (25 * 2**20 + 1),
        "notes.txt",
        413,
        "too_large",
        "“notes.txt” is too large; 25 MB are allowed.",
    ),
    "26 MB": (b"x" * (26 * 2**20), "notes.txt", 413, "too_large", "25 MB are allowed. Split it and upload the parts."),
    "50 MB": (b"x" * (50 * 2**20), "notes.txt", 413, "too_large", "“This upload” has 50.0 MB; 25 MB are allowed."),
    "no name": (TEXT, "\u202e\u200b", 400, "invalid", "Some fields are not right; each is named in errors."),
    "long name": (TEXT, "x" * 250 + ".txt", 400, "invalid", "The file's name has 254 characters; 200 are allowed."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_leaves_nothing_behind(in_acme: Tenant, upload: Upload, media: Path, case: str) -> None:
    data, name, status, code, sentence = REFUSED[case]
    answer = upload(data, name)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.data["code"] == code
    assert sentence in answer.data["detail"]
    assert answer.data["errors"][0]["field"] == "file"
    nothing_left(media)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/pass wd.txt", "pass wd.txt"),
        ("C:\\docs\\plan.txt", "plan.txt"),
        ("plan\u202etxt.exe.txt", "plantxt.exe.txt"),
        ("plan [draft], p. 2.txt", "plan (draft), p. 2.txt"),
        ("  a \t b.txt", "a b.txt"),
        ("Größe.TXT", "Größe.TXT"),
    ],
)
def test_names_are_shown_but_never_used_as_paths(
    in_acme: Tenant, upload: Upload, media: Path, given: str, kept: str
) -> None:
    answer = upload(TEXT, given)
    assert answer.status_code == 202, answer.data
    assert answer.data["name"] == kept
    assert [path.parent for path in files_in(media)] == [media / "t_acme" / "documents"]


def test_a_file_that_cannot_be_read_fails_with_a_sentence(in_acme: Tenant, upload: Upload, api: APIClient) -> None:
    document_id = upload(files.locked_pdf("s3cret"), "locked.pdf").data["id"]
    assert work_off() == 1
    failed = api.get(f"{DOCS}{document_id}/").data
    assert (failed["state"], failed["error_code"], failed["passage_count"]) == ("failed", "encrypted", 0)
    assert failed["error"] == "“locked.pdf” is protected by a password. Save it without one and upload that copy."
    assert not Chunk.objects.exists()
    assert WorkItem.objects.get().state == "done"

    again = api.post(f"{DOCS}{document_id}/retry/")
    assert (again.status_code, again.data["state"], again.data["error"]) == (202, "received", "")
    assert work_off() == 1
    assert Document.objects.get().state == "failed"


def test_only_a_failed_document_can_be_read_again(in_acme: Tenant, upload: Upload, api: APIClient) -> None:
    document_id = upload(TEXT, "relay.txt").data["id"]
    work_off()
    answer = api.post(f"{DOCS}{document_id}/retry/")
    assert (answer.status_code, answer.data["code"]) == (409, "wrong_state")
    assert Document.objects.get().state == "ready"


def test_the_same_name_or_the_same_content_is_refused_in_one_collection(
    in_acme: Tenant, upload: Upload, api: APIClient, media: Path
) -> None:
    first = upload(TEXT, "relay.txt").data
    same_name = upload(TEXT + b" More.", "relay.txt")
    assert (same_name.status_code, same_name.data["code"]) == (409, "name_taken")
    same_content = upload(TEXT, "copy.txt")
    assert (same_content.status_code, same_content.data["code"]) == (409, "same_content")
    assert same_content.data["detail"] == "“Documents” holds this very file already, as “relay.txt”."
    assert len(files_in(media)) == 1
    other = api.post(COLLECTIONS, {"name": "Other"}, format="json").data["id"]
    assert upload(TEXT, "relay.txt", collection=other).status_code == 202
    assert Document.objects.count() == 2
    assert str(Document.objects.order_by("created_at").first().pk) == first["id"]  # type: ignore[union-attr]


def test_a_full_workspace_takes_no_more(in_acme: Tenant, upload: Upload, media: Path) -> None:
    first = upload(TEXT, "relay.txt").data["id"]
    Document.objects.filter(pk=first).update(size=services.WORKSPACE_MOST_BYTES - 10)
    answer = upload(TEXT + b" More.", "more.txt")
    assert (answer.status_code, answer.data["code"]) == (413, "no_room")
    assert len(files_in(media)) == 1
    assert Document.objects.count() == 1


def test_viewers_are_refused_and_strangers_find_nothing(
    in_acme: Tenant, api: APIClient, api_of: ApiOf, victor: User, mallory: User, upload: Upload, media: Path
) -> None:
    assert upload(TEXT, "relay.txt", client=api_of(victor)).status_code == 403
    assert not KnowledgeCollection.objects.exists()
    collection = api.post(COLLECTIONS, {"name": "Reports"}, format="json").data["id"]
    answer = upload(TEXT, "relay.txt", client=api_of(victor), collection=collection)
    assert (answer.status_code, answer.data["code"]) == (403, "forbidden")
    assert upload(TEXT, "relay.txt", client=api_of(mallory), collection=collection).status_code == 404
    assert upload(TEXT, "relay.txt", client=APIClient(), collection=collection).status_code == 401
    with enter("t_acme"):
        nothing_left(media)


def test_a_collection_of_another_workspace_does_not_exist(
    in_acme: Tenant, api_of: ApiOf, mallory: User, upload: Upload, media: Path
) -> None:
    theirs = api_of(mallory).post(COLLECTIONS.replace("acme", "globex"), {"name": "Theirs"}, format="json").data["id"]
    assert upload(TEXT, "relay.txt", collection=theirs).status_code == 404
    assert upload(TEXT, "relay.txt", collection=str(uuid4())).status_code == 404
    nothing_left(media)


@pytest.mark.parametrize(("body", "field"), [({}, "file"), ({"file": "text"}, "file"), ({"colour": "red"}, "colour")])
def test_a_form_without_a_file_names_the_field(
    in_acme: Tenant, api: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = api.post(DOCS, body, format="multipart")
    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == field


def test_json_is_not_a_form(api: APIClient) -> None:
    assert api.post(DOCS, {"file": "x"}, format="json").status_code == 415


def test_the_same_upload_sent_twice_under_one_key_happens_once(in_acme: Tenant, upload: Upload, api: APIClient) -> None:
    api.credentials(**api._credentials, HTTP_IDEMPOTENCY_KEY="k-1")  # type: ignore[attr-defined]
    first, second = upload(TEXT, "relay.txt"), upload(TEXT, "relay.txt")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.data["id"] == second.data["id"]
    assert second["Idempotency-Replayed"] == "true"
    assert upload(TEXT + b"!", "relay.txt").status_code == 422
    assert Document.objects.count() == 1


def test_reading_again_after_a_crash_replaces_the_passages(in_acme: Tenant, upload: Upload) -> None:
    document_id = UUID(upload((DOCUMENTS / STUDY).read_bytes(), STUDY).data["id"])
    work_off()
    first = list(Chunk.objects.values_list("position", "locator", "text"))
    Document.objects.filter(pk=document_id).update(state="parsing", passage_count=0, ready_at=None)
    WorkItem.objects.update(state="queued")
    assert work_off() == 1
    assert list(Chunk.objects.values_list("position", "locator", "text")) == first
    assert Document.objects.get().state == "ready"


def test_a_worker_that_comes_late_changes_nothing(in_acme: Tenant, upload: Upload) -> None:
    document_id = UUID(upload(TEXT, "relay.txt").data["id"])
    work_off()
    execution._store(document_id, parse_safely(b"Other.", "relay.txt"), chunk([Section("Other.")]))
    execution.give_up(document_id, "It was late.")
    assert [passage.text for passage in Chunk.objects.all()] == [TEXT.decode()]
    assert Document.objects.get().state == "ready"


def test_a_missing_file_fails_the_document_not_the_worker(in_acme: Tenant, upload: Upload, media: Path) -> None:
    upload(TEXT, "relay.txt")
    files_in(media)[0].unlink()
    assert work_off() == 1
    document = Document.objects.get()
    assert (document.state, document.error_code) == ("failed", "damaged")
    assert document.error.startswith("The file of “relay.txt” is gone from the storage.")


def test_twelve_uploads_at_once_of_one_name_keep_one(fresh_db: None, media: Path) -> None:
    from django.core.files.base import ContentFile
    from django.db import connection

    from tenants.access import get_member
    from tenants.context import PUBLIC
    from tenants.errors import Conflict
    from tests import cast

    with enter(PUBLIC):
        alice = get_member(cast.person("alice"), cast.workspace("acme"))
    with enter("t_acme"):
        collection = services.default_collection(by=alice)

    def one(number: int) -> str:
        try:
            with enter("t_acme"):
                return str(
                    services.upload_document(
                        collection=collection,
                        name="a.txt",
                        stream=ContentFile(TEXT + b"%d" % number, "a.txt"),
                        by=alice,
                    ).pk
                )
        except Conflict as clash:
            return clash.code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(one, range(12)))
    assert results.count("name_taken") == 11
    assert len(files_in(media)) == 1
    with enter("t_acme"):
        assert Document.objects.count() == 1

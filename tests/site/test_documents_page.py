"""The documents page: upload, refusals in words, delete, try the search."""

from __future__ import annotations

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from agents.knowledge.models import Document
from agents.pages.documents import marked
from tenants.models import User
from tests.conftest import ClientOf
from tests.site.conftest import QUOTED, Furnished

URL = "/w/acme/documents/"


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_good_files_are_kept_and_bad_ones_named(
    furnished: Furnished, client_of: ClientOf, alice: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    files = [file("notes.md", b"# Notes\n\nThe quay is 40 m long."), file("scan2.pdf", b"no pdf"), file("a.exe", b"MZ")]
    answer = client_of(alice).post(URL, {"files": files})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "1 document received." in html
    assert "scan2.pdf" in html
    assert "a.exe" in html
    assert set(Document.objects.values_list("name", flat=True)) == {
        "study.pdf",
        "scan.pdf",
        "<b>new</b>.pdf",
        "notes.md",
    }
    assert client_of(alice).post(URL, {"files": [file("more.txt", b"More.")]}).headers["Location"] == URL


def test_no_file_and_a_wrong_collection_are_refused(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    assert "Choose one file, or up to 20 at once." in client.post(URL, {}).content.decode()
    wrong = client.post(URL, {"files": [file("a.txt", b"A.")], "collection": "x"})
    assert "Choose a collection from the list." in wrong.content.decode()
    assert Document.objects.count() == 3


def test_a_viewer_uploads_and_deletes_nothing(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    client = client_of(victor)
    assert 'type="file"' not in client.get(URL).content.decode()
    assert client.post(URL, {"files": [file("a.txt", b"A.")]}).status_code == 403
    assert client.post(f"{URL}{furnished.document.pk}/delete/").status_code == 403
    assert Document.objects.count() == 3


def test_delete_and_read_again(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    broken = Document.objects.get(name="scan.pdf")
    assert client.post(f"{URL}{broken.pk}/retry/").status_code == 302
    broken.refresh_from_db()
    assert (broken.state, broken.error) == (Document.State.RECEIVED, "")
    assert client.post(f"{URL}{furnished.document.pk}/delete/").status_code == 302
    assert not Document.objects.filter(pk=furnished.document.pk).exists()
    assert client.get(f"{URL}{furnished.document.pk}/").status_code == 404


def test_the_search_shows_what_an_agent_would_get(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    html = client_of(victor).get(URL, {"q": "what does the station store"}).content.decode()
    assert "study.pdf, p. 2" in html
    assert "The <mark>station</mark> <mark>stores</mark> 18.4 MWh." in html
    assert "No passage holds these words." in client_of(victor).get(URL, {"q": "zebra"}).content.decode()


def test_marks_do_not_open_a_door() -> None:
    assert marked("<b>station</b> & more", {"station"}) == "&lt;b&gt;<mark>station</mark>&lt;/b&gt; &amp; more"


def test_a_document_shows_its_passages_where_a_citation_leads(
    furnished: Furnished, client_of: ClientOf, victor: User
) -> None:
    html = client_of(victor).get(f"{URL}{furnished.document.pk}/", {"passage": "99999999999"}).content.decode()
    assert 'id="passage-0"' in html
    assert QUOTED in html


def test_nobody_else_sees_any_of_it(furnished: Furnished, client_of: ClientOf, mallory: User) -> None:
    for path in ("", f"{furnished.document.pk}/", "?q=station"):
        assert client_of(mallory).get(URL + path).status_code == 404

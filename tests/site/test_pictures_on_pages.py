"""Pictures on the form that runs a crew and on the run's page."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.pictures.formats import cleaned
from agents.tools.files import RunFiles
from projects.models import Run
from tenants.models import User
from tests.conftest import ClientOf
from tests.pictures.making import CANARY, drawn, photographed
from tests.site.conftest import Furnished


def filled_in(client: Client, furnished: Furnished, *files: tuple[str, bytes]) -> Any:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(f"/w/acme/crews/{furnished.crew.pk}/", {"input-question": "What is it?", "pictures": sent})


def test_a_run_starts_with_pictures_and_its_page_shows_them(
    furnished: Furnished, client_of: ClientOf, alice: User
) -> None:
    client = client_of(alice)
    form = client.get(f"/w/acme/crews/{furnished.crew.pk}/").content.decode()
    assert 'enctype="multipart/form-data"' in form
    assert 'accept="image/png,image/jpeg,image/webp,image/gif"' in form
    assert "Shown to “Collect facts”." in form
    assert "The offline provider quotes documents and does not look at pictures" in form
    answer = filled_in(client, furnished, ("beach.jpg", photographed("JPEG")), ("<b>sheet</b>.png", drawn()))
    run = Run.objects.order_by("-created_at")[0]
    assert answer.headers["Location"] == f"/w/acme/runs/{run.pk}/"
    page = client.get(f"/w/acme/runs/{run.pk}/").content.decode()
    assert re.findall(r'<img src="([^"]+)"\s+alt="([^"]+)"', page) == [
        (f"/w/acme/runs/{run.pk}/pictures/1/", "beach.jpg, 64 by 48 pixels"),
        (f"/w/acme/runs/{run.pk}/pictures/2/", "b&gt;.png, 64 by 48 pixels"),
    ]
    picture = client.get(f"/w/acme/runs/{run.pk}/pictures/1/")
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture.content == cleaned(photographed("JPEG")).data
    assert CANARY.encode() not in picture.content


def test_what_cannot_be_shown_is_said_at_the_field(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    before = Run.objects.count()
    answer = filled_in(
        client_of(alice), furnished, ("letter.png", b"%PDF-1.7"), ("big.png", drawn() + bytes(5 * 1024**2))
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-describedby="id_pictures_helptext id_pictures_error"' in html
    assert "Shown to “Collect facts”." in html
    assert "“letter.png” is no PNG, JPEG, WebP or GIF picture. Save it as one of these and send that." in html
    assert "“big.png” has 5.0 MB; 5 MB are allowed. Scale it down." in html
    assert "What is it?" in html
    assert Run.objects.count() == before


def test_strangers_and_those_who_may_only_look(
    furnished: Furnished, client_of: ClientOf, alice: User, victor: User, mallory: User
) -> None:
    assert filled_in(client_of(victor), furnished, ("a.png", drawn())).status_code == 403
    filled_in(client_of(alice), furnished, ("a.png", drawn()))
    run = Run.objects.order_by("-created_at")[0]
    address = f"/w/acme/runs/{run.pk}/pictures/1/"
    assert [client_of(user).get(address).status_code for user in (victor, mallory)] == [200, 404]
    assert Client().get(address).status_code == 302
    RunFiles.of("t_acme", run.pk).delete()
    assert client_of(alice).get(address).status_code == 404

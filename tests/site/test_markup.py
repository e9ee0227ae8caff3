"""Every page that a link leads to keeps the house rules, for each of the cast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from tenants.models import User
from tests.conftest import ClientOf
from tests.site.conftest import Furnished
from tests.site.markup import Page, problems, problems_of

NOT_OURS = ("/admin/", "/static/", "/healthz", "/api/v1/")
MOST_PAGES = 150


def crawl(client: Client, *starts: str) -> Iterator[tuple[str, int, Page]]:
    """Follow every link of our own from `starts`: address, status, and the page, which is read once."""
    waiting, seen = list(starts), set(starts)
    while waiting:
        address = waiting.pop()
        answer = client.get(address, follow=True)
        page = Page(answer.content.decode())
        yield address, answer.status_code, page
        for link in page.of("a"):
            found = link.attributes.get("href", "").partition("#")[0]
            if "download" in link.attributes:
                continue
            if "nofollow" in (link.attributes.get("rel") or "") and "?" in address:
                continue  # one filter at a time: all of them together are thousands of pages
            if found.startswith("/") and not any(part in found for part in NOT_OURS) and found not in seen:
                seen.add(found)
                waiting.append(found)
        assert len(seen) < MOST_PAGES, "links without end"


def wrong(client: Client, *starts: str) -> tuple[dict[str, list[str]], set[str]]:
    """What is wrong on which page, and all pages that were seen."""
    found, seen = {}, set()
    for address, status, page in crawl(client, *starts):
        seen.add(address)
        listed = problems_of(page) if status == 200 else [f"answers {status}"]
        if listed:
            found[address] = listed
    return found, seen


def test_pages_for_everybody(db: None, client: Client) -> None:
    for listing in ("document-analyst", "teacher", "schelling-segregation"):
        publish_builtin(path=CATALOGUE / f"{listing}.yaml")
    found, seen = wrong(
        client, "/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/"
    )
    assert found == {}
    assert {"/", "/market/guildhall/document-analyst/", "/accounts/signup/"} <= seen


@pytest.mark.parametrize("nick", ["alice", "victor"])
def test_pages_of_a_workspace(furnished: Furnished, client_of: ClientOf, nick: str) -> None:
    for listing in ("document-analyst", "teacher", "schelling-segregation"):
        publish_builtin(path=CATALOGUE / f"{listing}.yaml")
    found, seen = wrong(client_of(User.objects.get(email=f"{nick}@acme.example")), "/", "/workspaces/", "/w/acme/")
    assert found == {}
    runs = {f"/w/acme/runs/{run.pk}/" for run in furnished.runs.values()}
    rest = {
        f"/w/acme/crews/{furnished.crew.pk}/",
        f"/w/acme/documents/{furnished.document.pk}/",
        "/w/acme/keys/",
        "/accounts/email/",
    }
    assert runs | rest <= seen
    assert (nick == "alice") == ({"/w/acme/members/invitations/", "/w/acme/settings/log/"} <= seen)


@pytest.mark.parametrize(
    ("address", "status"), [("/nothing/", 404), ("/w/globex/", 404), ("/w/none/", 404), ("/w/acme/runs/x/", 404)]
)
def test_refusals_are_pages_too(alice: User, client_of: ClientOf, address: str, status: int) -> None:
    answer = client_of(alice).get(address)
    assert answer.status_code == status
    assert problems(answer.content.decode()) == []


def test_too_much_text_and_an_old_form_are_refused_in_words(alice: User, client_of: ClientOf) -> None:
    much = client_of(alice).post("/workspaces/new/", {"name": "x" * 3_000_000})
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    old = strict.post("/workspaces/new/", {"name": "Harbour", "slug": "harbour"})
    for answer, status, says in ((much, 400, "2.5 MB"), (old, 403, "The page was open too long")):
        html = answer.content.decode()
        assert (answer.status_code, problems(html)) == (status, [])
        assert says in html


def test_a_workspace_with_nothing_in_it(mallory: User, client_of: ClientOf) -> None:
    found, seen = wrong(client_of(mallory), "/w/globex/")
    assert found == {}
    assert {"/w/globex/runs/", "/w/globex/documents/", "/w/globex/crews/"} <= seen
    home = client_of(mallory).get("/w/globex/").content.decode()
    assert "First steps" in home
    assert "Runs in 30 days" not in home


def test_forms_that_are_refused_stay_good_pages(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    refused = {
        f"/w/acme/crews/{furnished.crew.pk}/": {"input-question": ""},
        "/w/acme/members/": {"email": "nobody@acme.example", "role": "viewer"},
        "/w/acme/members/invitations/": {"email": "", "role": "owner", "days": "7", "seats": "1"},
        "/w/acme/keys/": {"name": "", "role": "owner", "days": "3"},
        "/workspaces/new/": {"name": "Acme", "slug": "acme"},
    }
    for address, fields in refused.items():
        answer = client.post(address, fields)
        assert answer.status_code == 422, address
        assert problems(answer.content.decode()) == [], address
        assert 'aria-invalid="true"' in answer.content.decode(), address


def test_the_checker_sees_what_it_should() -> None:
    page = (
        "<html><title>x</title><main><h1>A</h1><h3>B</h3><a href='#no'></a><img src='http://evil.example/a.png'>"
        "<input name=q><p id=a onclick='x()' style='x'><div id=a></div></p><form method=post></form><button>go</button>"
        "<script>1</script><li>x</li></main></html>"
    )
    found = "\n".join(problems(page))
    for what in (
        "no lang", "title", "h1 is followed by h3", "leads nowhere", "has no name", "has no alt", "has no label", "onclick=", "style=",
        "id 'a' 2 times", "no CSRF token", "has no type", "inline <script", "loads http://evil.example", "outside a list",
    ):  # fmt: skip
        assert what in found

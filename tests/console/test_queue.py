"""The queue by HTTP: what waits, for whom, in which order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.models import Publisher
from marketplace.moderation.models import ReviewTask
from tenants.models import User
from tests.conftest import ClientOf
from tests.console import scene
from tests.site.markup import problems


def titles(client: Client, query: str = "") -> list[str]:
    html = client.get(f"/admin/queue/?{query}").content.decode()
    assert problems(html) == []
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)</a>', html)


@pytest.fixture
def three(db: None) -> list[ReviewTask]:
    """Light and overdue, heavy, and a report in between."""
    light = scene.waiting(scene.document(name="light", title="Light"), first_version=10)
    heavy = scene.waiting(scene.document(name="heavy", title="Heavy"), injection=300, first_version=20)
    ReviewTask.objects.filter(pk=light.pk).update(due_at=timezone.now() - timedelta(hours=2))
    return [light, heavy]


def test_heaviest_first_with_its_top_reason(three: list[ReviewTask], client_of: ClientOf, mod: User) -> None:
    client = client_of(mod)
    assert titles(client) == ["Heavy 1.0.0", "Light 1.0.0"]
    html = client.get("/admin/queue/").content.decode()
    assert '<strong class="num">320</strong> <span class="sub">injection</span>' in html
    assert "first submission" in html
    assert "2 hours over" in html.replace("\xa0", " ")


def test_filters_search_and_orders(three: list[ReviewTask], client_of: ClientOf, mod: User) -> None:
    client = client_of(mod)
    assert titles(client, "sort=due") == ["Light 1.0.0", "Heavy 1.0.0"]
    assert titles(client, "due=overdue") == ["Light 1.0.0"]
    assert titles(client, "reason=injection") == ["Heavy 1.0.0"]
    assert titles(client, "standing=banned") == []
    assert titles(client, "standing=good") == ["Heavy 1.0.0", "Light 1.0.0"]
    Publisher.objects.update(standing="warned")
    assert titles(client, "standing=warned") == ["Heavy 1.0.0", "Light 1.0.0"]
    assert titles(client, "standing=good") == []
    assert titles(client, "kind=report") == []
    assert titles(client, "q=acme/hea") == ["Heavy 1.0.0"]
    assert titles(client, "q=Light") == ["Light 1.0.0"]
    assert titles(client, "q=acme") == ["Heavy 1.0.0", "Light 1.0.0"]
    assert titles(client, f"q={three[0].version_id}") == ["Light 1.0.0"]
    assert titles(client, "q=nothing%00&kind=x&after=y&sort=z") == []


def test_pages_follow_a_key(client_of: ClientOf, mod: User, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    for number in range(5):
        scene.waiting(scene.document(name=f"n{number}", title=f"N{number}"), first_version=number // 2)
    monkeypatch.setattr("marketplace.console.queries.queue.ON_A_PAGE", 2)
    client = client_of(mod)
    for sort in ("weight", "due", "oldest"):
        seen, address = [], f"sort={sort}"
        while address:
            html = client.get(f"/admin/queue/?{address}").content.decode()
            seen += re.findall(r">(N\d) 1\.0\.0</a>", html)
            following = re.search(r'href="\?([^"]+)">Next', html)
            address = following[1].replace("&amp;", "&") if following else ""
        assert sorted(seen) == ["N0", "N1", "N2", "N3", "N4"], sort
        assert len(seen) == 5, sort


def test_a_claim_is_a_lease_for_one(three: list[ReviewTask], client_of: ClientOf, mod: User, peer: User) -> None:
    task = three[1]
    address = f"/admin/queue/{task.pk}/claim/"
    assert client_of(mod).post(address).status_code == 302
    refused = client_of(peer).post(address, follow=True).content.decode()
    assert "Mod is at it until" in refused
    task.refresh_from_db()
    assert task.claimed_by_id == mod.pk
    assert titles(client_of(mod), "whose=mine") == ["Heavy 1.0.0"]
    assert titles(client_of(peer), "whose=free") == ["Light 1.0.0"]
    client_of(mod).post(address, {"release": ""})
    assert titles(client_of(peer), "whose=free") == ["Heavy 1.0.0", "Light 1.0.0"]


def test_a_view_is_kept_under_a_name(three: list[ReviewTask], client_of: ClientOf, mod: User, peer: User) -> None:
    client_of(mod).post("/admin/queue/?due=overdue&sort=due", {"name": "Late <b>"})
    html = client_of(mod).get("/admin/queue/").content.decode()
    assert 'href="/admin/queue/?due=overdue&amp;sort=due"' in html
    assert "Late &lt;b&gt;" in html
    assert "Late" not in client_of(peer).get("/admin/queue/").content.decode()
    client_of(mod).post("/admin/queue/?due=overdue&sort=due", {"forget": "Late <b>"})
    assert "Late &lt;" not in client_of(mod).get("/admin/queue/").content.decode()


def test_the_home_page_counts_what_waits(three: list[ReviewTask], client_of: ClientOf, mod: User) -> None:
    client_of(mod).post(f"/admin/queue/{three[0].pk}/claim/")
    html = client_of(mod).get("/admin/").content.decode()
    assert problems(html) == []
    counted = re.findall(r"<dt>([^<]+)</dt>\s*<dd>\s*<a href=\"[^\"]+\">([^<]+)</a>", html)
    assert dict(counted) | {"My queue": "1", "Overdue": "1", "Open": "2", "Second person": "0"} == dict(counted)
    assert "Light 1.0.0" in html
    assert html.count("<rect") == 56


@pytest.mark.parametrize("nick", ["alice", "victor", "mallory"])
def test_nobody_else_sees_or_moves_it(three: list[ReviewTask], client_of: ClientOf, clerk: User, nick: str) -> None:
    task = three[1]
    for user in (User.objects.get(email__startswith=f"{nick}@"), clerk):
        client = client_of(user)
        addresses = [
            "",
            "queue/",
            f"queue/{task.pk}/",
            "second/",
            "decisions/",
            f"about/listing/{scene.read(task).listing_id}/",
        ]
        assert {client.get(f"/admin/{address}").status_code for address in addresses} == {404}
        posts = [
            f"queue/{task.pk}/",
            f"queue/{task.pk}/claim/",
            "queue/together/",
            f"notes/listing/{scene.read(task).listing_id}/",
        ]
        assert {client.post(f"/admin/{address}", scene.grounds("reject")).status_code for address in posts} == {404}
    task.refresh_from_db()
    assert (task.state, task.claimed_by_id) == ("open", None)
    assert scene.read(task).review_state == "in_review"

"""Several at once, two at once, and what is stopped or shown without a decision of the queue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from marketplace.checks.models import CheckRule, CheckRun, Finding
from marketplace.console.models import Batch
from marketplace.enforcement.models import Block
from marketplace.models import Listing, ListingVersion
from marketplace.moderation.models import ActivityLog, Decision, ReviewTask
from tenants.models import User
from tests.conftest import ClientOf
from tests.console import scene
from tests.marketplace.ours import Market, publish_ours
from tests.site.markup import problems

States = ListingVersion.ReviewState


@pytest.fixture
def market(db: None) -> Market:
    """Published for one test: after another the database is as good as new."""
    return publish_ours()


def three() -> list[ReviewTask]:
    return [scene.waiting(scene.document(name=name, title=name.upper())) for name in ("a", "b", "c")]


def states(tasks: list[ReviewTask]) -> list[str]:
    return [scene.read(task).review_state for task in tasks]


def test_bulk_shows_first_what_it_would_do_and_leaves_out(client_of: ClientOf, mod: User, peer: User) -> None:
    tasks = three()
    client_of(peer).post(f"/admin/queue/{tasks[2].pk}/claim/")
    chosen: dict[str, Any] = {"task": [str(task.pk) for task in tasks]}
    first = client_of(mod).post("/admin/queue/together/", chosen).content.decode()
    assert problems(first) == []
    seen = (
        client_of(mod).post("/admin/queue/together/", chosen | scene.grounds("reject", step="preview")).content.decode()
    )
    assert problems(seen) == []
    assert "Would change: 2" in seen
    assert "Left out: 1" in seen
    assert "Peer is at it until" in seen
    assert states(tasks) == [States.IN_REVIEW] * 3
    done = client_of(mod).post("/admin/queue/together/", chosen | scene.grounds("reject"))
    assert states(tasks) == [States.REJECTED, States.REJECTED, States.IN_REVIEW]
    batch = Batch.objects.get()
    assert len(batch.decisions) == 2
    assert client_of(peer).get(done["Location"]).status_code == 404
    assert problems(client_of(mod).get(done["Location"]).content.decode()) == []
    client_of(mod).post(done["Location"])
    assert states(tasks) == [States.IN_REVIEW] * 3


def test_bulk_needs_something_chosen(client_of: ClientOf, mod: User) -> None:
    for chosen in ([], ["x", "00000000-0000-0000-0000-000000000000"]):
        answer = client_of(mod).post("/admin/queue/together/", {"task": chosen, "step": "send", "action": "approve"})
        assert answer["Location"] == "/admin/queue/"
    assert not Decision.objects.exists()


def test_of_two_at_the_same_moment_one_decides(fresh_db: None, client_of: ClientOf) -> None:
    from tests.console.conftest import staff

    mod, peer = staff("mod", "moderator"), staff("peer", "moderator")
    task, start = scene.waiting(), Barrier(2)

    def decide(client: Client, given: dict[str, Any]) -> int:
        try:
            start.wait(60)
            return client.post(f"/admin/queue/{task.pk}/", given).status_code
        finally:
            connection.close()

    forms = [scene.grounds("reject"), {"action": "approve", "step": "send", "delay": "0"}]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, [client_of(mod), client_of(peer)], forms))
    assert sorted(answers) == [302, 409]
    assert Decision.objects.count() == 1
    winner = Decision.objects.get().action
    assert states([task])[0] in (("rejected",) if winner == "reject" else ("approved", "published"))


def test_a_tool_is_blocked_hard_by_two(client_of: ClientOf, mod: User, peer: User, senior: User) -> None:
    given = {"scope": "tool", "target": "http_request", "kind": "hard", "reason_code": "malware", "reason": "It leaks."}
    assert client_of(mod).post("/admin/blocks/", given | {"reason": " "}).status_code == 422
    assert client_of(mod).post("/admin/blocks/", given).status_code == 302
    block = Block.objects.get()
    assert (block.force, block.signoff) == ("soft", "pending")
    act = f"/admin/blocks/{block.pk}/"
    for nobody in (mod, peer):
        client_of(nobody).post(act, {"deed": "agree"})
    assert Block.objects.get().signoff == "pending"
    page = client_of(senior).get("/admin/blocks/").content.decode()
    assert problems(page) == []
    client_of(senior).post(act, {"deed": "agree"})
    assert Block.objects.get().force == "hard"
    client_of(mod).post(act, {"deed": "lift", "why": "Mended"})
    assert Block.objects.get().lifted_at is None
    client_of(senior).post(act, {"deed": "lift", "why": ""})
    assert Block.objects.get().lifted_at is None
    client_of(senior).post(act, {"deed": "lift", "why": "Mended"})
    assert Block.objects.get().lifted_why == "Mended"


def test_few_are_featured_each_until_a_day(market: Market, client_of: ClientOf, mod: User, settings: Any) -> None:
    settings.FEATURED_AT_MOST = 1
    soon = f"{timezone.now() + timedelta(days=7):%Y-%m-%d}"
    client = client_of(mod)
    assert client.post("/admin/featured/", {"address": "guildhall/market-brief", "until": soon}).status_code == 302
    listing = Listing.objects.get(slug="market-brief")
    assert listing.featured_until is not None
    assert f"{listing.featured_until:%Y-%m-%d}" == soon
    full = client.post("/admin/featured/", {"address": "guildhall/document-analyst", "until": soon})
    assert (full.status_code, problems(full.content.decode())) == (409, [])
    late = f"{timezone.now() + timedelta(days=400):%Y-%m-%d}"
    assert client.post("/admin/featured/", {"address": "guildhall/market-brief", "until": late}).status_code == 400
    assert client.post("/admin/featured/", {"address": "acme/none", "until": soon}).status_code == 404
    client.post(f"/admin/featured/{listing.pk}/end/")
    assert Listing.objects.get(slug="market-brief").featured_until is None


def test_a_rule_shows_what_it_would_hit_before_it_is_enforced(
    market: Market, client_of: ClientOf, mod: User, senior: User
) -> None:
    rule = CheckRule.objects.filter(enforced=False, enabled=True).first()
    assert rule is not None
    address = f"/admin/rules/{rule.pk}/"
    page = client_of(senior).get(address).content.decode()
    assert problems(page) == []
    assert "of 3 published listings" in page
    assert problems(client_of(mod).get("/admin/rules/").content.decode()) == []
    client_of(mod).post(address, {"mode": "enforced"})
    assert CheckRule.objects.get(pk=rule.pk).mode == "monitor"
    client_of(senior).post(address, {"mode": "nonsense"})
    client_of(senior).post(address, {"mode": "enforced"})
    assert CheckRule.objects.get(pk=rule.pk).mode == "enforced"
    assert ActivityLog.objects.get(action="rule.changed").detail == {"was": "monitor", "now": "enforced"}


def test_a_finding_is_judged_and_chosen_as_evidence(client_of: ClientOf, mod: User) -> None:
    task = scene.waiting()
    run = CheckRun.objects.create(version=scene.read(task), digest="x", passed=False, release="1", seconds=0.1)
    finding = Finding.objects.create(
        run=run, code="injection.ignore", severity="error", path="spec.tasks[0].description", message="It says <b>ignore</b>.",
        fix="Take it out.", evidence="igno… #1", enforced=True,
    )  # fmt: skip
    client = client_of(mod)
    client.post(f"/admin/findings/{finding.pk}/", {"verdict": "true_positive", "task": str(task.pk)})
    finding.refresh_from_db()
    assert (finding.verdict, finding.verdict_by_id) == ("true_positive", mod.pk)
    page = client.get(f"/admin/queue/{task.pk}/?tab=checks").content.decode()
    assert problems(page) == []
    assert "It says &lt;b&gt;ignore&lt;/b&gt;." in page
    client.post(f"/admin/queue/{task.pk}/", scene.grounds("reject", path_0="", quote_0="", findings=[str(finding.pk)]))
    assert Decision.objects.get().evidence == [
        {"path": "spec.tasks[0].description", "quote": "igno… #1", "note": "It says <b>ignore</b>."}
    ]

"""Deciding by HTTP: every action, its grounds, its preview, and the way back."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from marketplace.enforcement.models import Block
from marketplace.models import ListingVersion, Publisher
from marketplace.moderation import services
from marketplace.moderation.models import Appeal, Decision, ReasonCode, Report, ReviewTask
from marketplace.moderation.targets import ReviewOf
from marketplace.reviews.models import Review
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tenants.provenance.models import RunOutcome
from tests.conftest import ClientOf
from tests.console import scene
from tests.site.markup import problems

States = ListingVersion.ReviewState


def decide(client: Client, address: str, action: str, **more: Any) -> Any:
    return client.post(f"/admin/{address}/", scene.grounds(action, **more))


def test_every_tab_is_a_good_page(client_of: ClientOf, mod: User, acme: Tenant) -> None:
    scene.version(scene.document(version="0.9.0", summary="Older"), state=States.PUBLISHED)
    task = scene.waiting()
    client = client_of(mod)
    tabs = re.findall(r"\?tab=(\w+)\"", client.get(f"/admin/queue/{task.pk}/").content.decode())
    assert {"listing", "difference", "prompts", "checks", "evaluation", "reports", "history", "notes"} <= set(tabs)
    for tab in tabs:
        page = client.get(f"/admin/queue/{task.pk}/?tab={tab}")
        assert (page.status_code, problems(page.content.decode())) == (200, []), tab
        assert "unsafe" not in page["Content-Security-Policy"]
    difference = client.get(f"/admin/queue/{task.pk}/?tab=difference").content.decode()
    assert "<del>Older</del>" in difference


def test_approve_and_go_on_to_the_next(client_of: ClientOf, mod: User) -> None:
    first, second = scene.waiting(), scene.waiting(scene.document(name="other", title="Other"))
    answer = client_of(mod).post(f"/admin/queue/{first.pk}/", {"action": "approve", "step": "send", "delay": "0"})
    decision = Decision.objects.get()
    assert answer["Location"] == f"/admin/queue/{second.pk}/?last={decision.pk}"
    assert scene.read(first).review_state in ("approved", "published")
    assert (decision.decided_by_id, decision.content_digest) == (mod.pk, scene.read(first).digest)
    following = client_of(mod).get(answer["Location"]).content.decode()
    assert f"/admin/decisions/{decision.pk}/undo/" in following
    client_of(mod).post(f"/admin/decisions/{decision.pk}/undo/")
    assert scene.read(first).review_state == States.IN_REVIEW


def test_a_decision_is_about_what_was_read(client_of: ClientOf, mod: User) -> None:
    task = scene.waiting()
    page = client_of(mod).get(f"/admin/queue/{task.pk}/").content.decode()
    assert f'name="digest" value="{scene.read(task).digest}"' in page
    given = {"action": "approve", "step": "send", "delay": "0", "digest": "sha256:another"}
    assert client_of(mod).post(f"/admin/queue/{task.pk}/", given).status_code == 412
    assert scene.read(task).review_state == "in_review"


@pytest.mark.parametrize(("action", "state"), [("request_changes", "changes_requested"), ("reject", "rejected")])
def test_refuse_with_grounds(client_of: ClientOf, mod: User, alice: User, action: str, state: str) -> None:
    task = scene.waiting()
    assert decide(client_of(mod), f"queue/{task.pk}", action).status_code == 302
    decision = Decision.objects.get()
    assert scene.read(task).review_state == state
    assert decision.reason_codes == ["injection"]
    assert decision.evidence == [{"path": "spec.agents[0].goal", "quote": "do not tell the user", "note": ""}]
    assert decision.policy_text.startswith("No text of an agent")
    told = Notification.objects.get(user=alice, kind="decision")
    assert str(decision.appeal_token) in told.url


def test_without_grounds_nothing_is_decided(client_of: ClientOf, mod: User) -> None:
    task = scene.waiting()
    page = client_of(mod).post(f"/admin/queue/{task.pk}/", {"action": "reject", "step": "send", "delay": "0"})
    html = page.content.decode()
    assert (page.status_code, problems(html)) == (422, [])
    for words in (
        "Choose at least one reason.",
        "Say which policy it breaks.",
        "Explain it to the author.",
        "Point to at least",
    ):
        assert words in html
    assert not Decision.objects.exists()


def test_a_preview_is_the_mail_and_changes_nothing(client_of: ClientOf, mod: User, alice: User) -> None:
    task, canned = scene.waiting(), scene.ready_text()
    given = {"action": "reject", "canned": canned.pk, "path_0": "spec", "step": "preview", "delay": "0"}
    html = client_of(mod).post(f"/admin/queue/{task.pk}/", given).content.decode()
    assert problems(html) == []
    assert "To alice@acme.example" in html
    assert "Guildhall: Acme brief 1.0.0 was rejected" in html
    assert html.count(str(escape(canned.text))) == 2  # in the mail, and ready to be changed
    assert "Review: in review becomes rejected." in html
    assert not Decision.objects.exists()
    assert not Notification.objects.exists()
    task.refresh_from_db()
    assert task.state == "open"


def test_a_hard_pull_takes_two(client_of: ClientOf, mod: User, peer: User, senior: User, alice: User) -> None:
    version = scene.version(scene.document(), state=States.PUBLISHED)
    address = f"about/version/{version.pk}"
    preview = decide(client_of(mod), address, "pull", severity="hard", step="preview").content.decode()
    assert "Needs a second person:" in preview
    decide(client_of(mod), address, "pull", severity="hard")
    decision = Decision.objects.get()
    assert (decision.held, decision.executed_at, Block.objects.count()) == (True, None, 0)
    asked = Notification.objects.filter(title__startswith="A second person").values_list("user__email", flat=True)
    assert set(asked) == {"senior@guildhall.example", "moderator@guildhall.example"}
    assert "Pull from the market: Acme brief 1.0.0" in client_of(senior).get("/admin/second/").content.decode()
    confirm = f"/admin/decisions/{decision.pk}/second/"
    for refused in (mod, peer):  # who decided, and who is not senior
        client_of(refused).post(confirm, {"agree": "1"})
        assert Block.objects.count() == 0
    client_of(senior).post(confirm, {"agree": "1"})
    decision.refresh_from_db()
    assert (decision.confirmed_by_id, Block.objects.get().kind) == (senior.pk, "hard")


def test_the_second_person_may_refuse(client_of: ClientOf, mod: User, senior: User) -> None:
    version = scene.version(scene.document(), state=States.PUBLISHED)
    decide(client_of(mod), f"about/version/{version.pk}", "pull", severity="hard")
    decision = Decision.objects.get()
    client_of(senior).post(f"/admin/decisions/{decision.pk}/second/", {"disagree": "1", "why": "A soft one will do."})
    decision.refresh_from_db()
    assert (decision.undone_why, Block.objects.count()) == ("A soft one will do.", 0)


@pytest.mark.parametrize(("action", "standing"), [("warn", "warned"), ("restrict", "restricted")])
def test_a_publishers_standing(client_of: ClientOf, mod: User, action: str, standing: str) -> None:
    publisher = scene.publisher()
    decide(client_of(mod), f"about/publisher/{publisher.pk}", action)
    publisher.refresh_from_db()
    assert publisher.standing == standing
    client_of(mod).post(
        f"/admin/about/publisher/{publisher.pk}/", {"action": "reinstate", "step": "send", "delay": "0"}
    )
    publisher.refresh_from_db()
    assert publisher.standing == "good"


def test_a_ban_waits_for_a_senior(client_of: ClientOf, mod: User, senior: User) -> None:
    publisher = scene.publisher()
    decide(client_of(mod), f"about/publisher/{publisher.pk}", "ban")
    assert Publisher.objects.get(pk=publisher.pk).standing == "good"
    client_of(senior).post(f"/admin/decisions/{Decision.objects.get().pk}/second/", {"agree": "1"})
    assert Publisher.objects.get(pk=publisher.pk).standing == "banned"


def test_accounts_and_workspaces_are_closed_by_seniors_with_a_reason(
    client_of: ClientOf, mod: User, senior: User, alice: User, acme: Tenant
) -> None:
    for address in (f"about/person/{alice.pk}", f"about/workspace/{acme.pk}"):
        assert decide(client_of(mod), address, "suspend").status_code == 403
        bare = client_of(senior).post(f"/admin/{address}/", {"action": "suspend", "step": "send", "delay": "0"})
        assert bare.status_code == 422
        assert decide(client_of(senior), address, "suspend").status_code == 302
    alice.refresh_from_db()
    acme.refresh_from_db()
    assert (alice.is_active, acme.status) == (False, "suspended")
    client_of(senior).post(f"/admin/about/workspace/{acme.pk}/", {"action": "reinstate", "step": "send", "delay": "0"})
    acme.refresh_from_db()
    assert acme.status == "active"
    assert decide(client_of(senior), f"about/person/{senior.pk}", "suspend").status_code == 403


def test_a_delayed_decision_is_listed_and_can_be_taken_back(client_of: ClientOf, mod: User) -> None:
    task = scene.waiting()
    decide(client_of(mod), f"queue/{task.pk}", "reject", delay="24")
    html = client_of(mod).get("/admin/decisions/").content.decode()
    assert problems(html) == []
    assert "Carried out later" in html
    assert scene.read(task).review_state == States.IN_REVIEW
    client_of(mod).post(f"/admin/decisions/{Decision.objects.get().pk}/undo/")
    assert Decision.objects.get().undone_at is not None


def test_a_report_is_confirmed_or_dismissed_and_answered(client_of: ClientOf, mod: User, mallory: User) -> None:
    version = scene.version(scene.document(), state=States.PUBLISHED)
    services.report(version.listing, reason=ReasonCode.SPAM, text="<b>An advertisement</b>", by=mallory)
    task = ReviewTask.objects.get(kind="report")
    page = client_of(mod).get(f"/admin/queue/{task.pk}/?tab=reports").content.decode()
    assert "&lt;b&gt;An advertisement" in page
    given = {"action": "dismiss", "note": "We see none.", "step": "send", "delay": "0"}
    assert client_of(mod).post(f"/admin/queue/{task.pk}/", given).status_code == 302
    report = Report.objects.get()
    assert (report.state, report.outcome_note) == ("dismissed", "We see none.")
    services.report(version.listing, reason=ReasonCode.SPAM, text="Still one", by=mallory)
    task = ReviewTask.objects.get(kind="report", state="open")
    decide(client_of(mod), f"queue/{task.pk}", "pull", severity="soft", note="It is gone.")
    assert Report.objects.get(text="Still one").state == "confirmed"
    assert Block.objects.get().kind == "soft"


def test_a_reported_review_is_read_and_hidden(client_of: ClientOf, mod: User, alice: User, mallory: User) -> None:
    version = scene.version(scene.document(), state=States.PUBLISHED)
    home = mallory.memberships.get().tenant_id
    RunOutcome.objects.create(
        digest=version.digest, tenant_id=home, run_id=uuid4(), kind="run", status="succeeded", ended_at=timezone.now()
    )
    review = Review.objects.create(
        listing=version.listing, version=version, author=mallory, tenant_id=home, score=1, title="<b>Bad</b>", body="Rude words", verified_runs=1,
    )  # fmt: skip
    services.report(
        ReviewOf(review.pk, version.listing, mallory.pk), reason=ReasonCode.SPAM, text="It is rude.", by=alice
    )
    task = ReviewTask.objects.get(kind="report")
    page = client_of(mod).get(f"/admin/queue/{task.pk}/").content.decode()
    assert problems(page) == []
    assert "&lt;b&gt;Bad&lt;/b&gt;" in page
    assert "It is rude." in client_of(mod).get(f"/admin/queue/{task.pk}/?tab=reports").content.decode()
    decide(client_of(mod), f"queue/{task.pk}", "pull", severity="soft", note="Hidden.")
    review.refresh_from_db()
    assert review.hidden_at is not None


def test_an_appeal_is_never_for_who_decided(client_of: ClientOf, mod: User, peer: User, alice: User) -> None:
    task = scene.waiting()
    decide(client_of(mod), f"queue/{task.pk}", "reject")
    decision = Decision.objects.get()
    assert decision.appeal_token is not None
    services.appeal(decision.appeal_token, by=alice, text="It is a <i>lesson</i> about attacks.")
    appealed = ReviewTask.objects.get(kind="appeal")
    address = f"/admin/queue/{appealed.pk}/"
    assert address not in client_of(mod).get("/admin/queue/?kind=appeal").content.decode()
    assert address in client_of(peer).get("/admin/queue/?kind=appeal").content.decode()
    overturn = {"outcome": "overturn", "answer": "You are right."}
    for door in (address, f"{address}claim/"):
        client_of(mod).post(door, overturn)
        assert Appeal.objects.get().state == "open"
    page = client_of(peer).get(address).content.decode()
    assert problems(page) == []
    assert "&lt;i&gt;lesson" in page
    client_of(peer).post(f"{address}claim/")
    assert client_of(peer).post(address, overturn).status_code == 302
    assert Appeal.objects.get().state == "overturned"
    assert scene.read(task).review_state == States.IN_REVIEW


def test_nobody_judges_their_own(client_of: ClientOf, mod: User, acme: Tenant) -> None:
    mod.memberships.create(tenant=acme, role="viewer")
    task = scene.waiting()
    assert "You belong to Acme" in client_of(mod).get(f"/admin/queue/{task.pk}/").content.decode()
    assert decide(client_of(mod), f"queue/{task.pk}", "reject").status_code == 403
    assert not Decision.objects.exists()


def test_the_whiteboard(client_of: ClientOf, mod: User, peer: User) -> None:
    listing = scene.read(scene.waiting()).listing
    client_of(mod).post(f"/admin/notes/listing/{listing.pk}/", {"text": "Asked <b>them</b> by mail."})
    html = client_of(peer).get(f"/admin/about/listing/{listing.pk}/?tab=notes").content.decode()
    assert problems(html) == []
    assert "Asked &lt;b&gt;them&lt;/b&gt; by mail." in html

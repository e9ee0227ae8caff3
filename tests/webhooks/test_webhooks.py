"""`webhooks/`: other systems are told, by signed messages that are tried again and kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from agents.models import Crew
from projects.ledger import writer
from projects.models import Run
from projects.services import cancel_run
from projects.webhooks import execution
from projects.webhooks.models import Delivery, Webhook
from projects.webhooks.services import rotate_secret, update_webhook
from projects.work import leases, tasks
from projects.work.leases import Lease
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.ids import uuid7
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API, api, fields, relay, sending_json
from tests.conftest import ApiOf, ClientOf
from tests.projects.runs import a_ledger, a_run
from tests.servers.web import Page, Web

__all__ = ["api", "relay"]
DOOR = f"{API}webhooks/"
EVENTS = ["run.succeeded", "run.cancelled"]


@pytest.fixture
def db(fresh_db: None) -> None:
    """Messages are sent from threads of their own, so everything here is really committed."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Web]:
    """Another system, which the operator lets this one reach."""
    with Web() as web:
        settings.EGRESS_LOCAL_HOSTS = [f"127.0.0.1:{web.port}"]
        settings.EGRESS_PORTS = [web.port]
        web.pages["/hook"] = Page(b"thanks", 200)
        yield web


def make(api: APIClient, receiver: Web, **sent: Any) -> Any:
    return api.post(DOOR, {"name": "Our systems", "url": receiver.url("/hook"), "events": EVENTS, **sent})


@pytest.fixture
def made(api: APIClient, receiver: Web, in_acme: Tenant) -> dict[str, Any]:
    answer = make(api, receiver)
    assert answer.status_code == 201, answer.data
    return dict(answer.data)


def start(api: APIClient, relay: Crew) -> Run:
    return Run.objects.get(pk=api.post(f"{API}runs/", {"crew": str(relay.pk), "inputs": {"topic": "tides"}}).data["id"])


def send() -> Lease | None:
    """One attempt at what is due, as a worker makes it."""
    with enter(PUBLIC):
        lease = leases.claim(["crews"])
        if lease is None:
            return None
        leases._held.pop(lease.id)
        if lease.kind == "webhook":
            tasks.carry_out(lease)
    return lease


def become_due() -> None:
    WorkItem.objects.filter(kind="webhook").update(queued_at=timezone.now() - timedelta(hours=1))


def test_what_happens_to_a_run_is_told_with_a_signature(
    api: APIClient, made: dict[str, Any], receiver: Web, relay: Crew, in_acme: Tenant, alice_at_acme: Member
) -> None:
    run = start(api, relay)
    cancel_run(run=run, by=alice_at_acme)
    assert send() is not None
    asked = receiver.asked[0]
    told = Receiver(made["secret"]).verify(asked.body, asked.headers)
    assert (told["type"], told["data"]["id"], told["data"]["status"]) == ("run.cancelled", str(run.pk), "cancelled")
    assert told["data"]["api_url"].endswith(f"/w/acme/api/v1/runs/{run.pk}/")
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_status, delivery.last_answer) == (
        "delivered",
        1,
        200,
        "thanks",
    )
    with pytest.raises(WebhookVerificationError):
        Receiver(made["secret"]).verify(asked.body + b" ", asked.headers)


@pytest.mark.parametrize(
    ("status", "reason"), [("succeeded", "finished"), ("failed", "bad_reply"), ("over_budget", "budget")]
)
def test_a_run_that_ends_in_its_worker_is_told_once(
    api: APIClient, receiver: Web, in_acme: Tenant, alice_at_acme: Member, status: str, reason: str
) -> None:
    make(api, receiver, events=[f"run.{status}"])
    ledgers = [a_ledger() for _ in [a_run(alice_at_acme) for _ in range(2)]]
    for ledger in ledgers:
        ledger._story.end(Run.Status(status), reason, "It is over.")
    assert writer.write(ledgers)
    messages = [json.loads(body)["data"] for body in Delivery.objects.values_list("body", flat=True)]
    assert {(m["id"], m["status"], m["stop_reason"], m["detail"]) for m in messages} == {
        (str(ledger.run_id), status, reason, "It is over.") for ledger in ledgers
    }
    assert len(messages) == WorkItem.objects.filter(kind="webhook").count() == 2


def test_what_nobody_wants_to_hear_is_not_sent(
    api: APIClient, receiver: Web, relay: Crew, in_acme: Tenant, alice_at_acme: Member
) -> None:
    make(api, receiver, events=["run.failed"])
    cancel_run(run=start(api, relay), by=alice_at_acme)
    assert Delivery.objects.count() == 0


def test_a_failure_is_tried_again_after_growing_pauses_with_the_same_id(
    api: APIClient, made: dict[str, Any], receiver: Web
) -> None:
    answers = iter([Page(b"oops", 500), Page(b"busy", 503), Page(b"", 204)])
    receiver.pages["/hook"] = lambda _asked: next(answers)
    api.post(f"{DOOR}{made['id']}/test/")
    pauses = []
    for _ in range(3):
        lease = send()
        assert lease is not None
        pauses.append(lease.pause)
        become_due()
    assert 5 <= pauses[0] <= 5.5
    assert 300 <= pauses[1] <= 330
    assert pauses[2] == 0
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    delivery = api.get(f"{DOOR}{made['id']}/deliveries/").data["results"][0]
    assert (delivery["event"], delivery["status"], delivery["attempts"]) == ("webhook.test", "delivered", 3)
    assert send() is None


def test_after_the_last_attempt_it_is_given_up_and_can_be_replayed(
    api: APIClient, made: dict[str, Any], receiver: Web
) -> None:
    receiver.pages["/hook"] = Page(b"no", 500)
    api.post(f"{DOOR}{made['id']}/test/")
    Delivery.objects.update(attempts=len(execution.PAUSES))
    send()
    failed = Delivery.objects.get()
    assert (failed.status, failed.next_at, failed.last_detail) == ("failed", None, "It answered with 500.")
    receiver.pages["/hook"] = Page(b"yes", 200)
    again = api.post(f"{API}webhook-deliveries/{failed.pk}/replay/")
    assert (again.status_code, str(again.data["replay_of"])) == (202, str(failed.pk))
    send()
    assert Delivery.objects.get(pk=again.data["id"]).status == "delivered"
    assert receiver.asked[0].body == receiver.asked[1].body


def test_an_address_that_is_gone_is_switched_off(api: APIClient, made: dict[str, Any], receiver: Web) -> None:
    receiver.pages["/hook"] = Page(b"", 410)
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    webhook = Webhook.objects.get()
    assert (webhook.is_enabled, webhook.disabled_because) == (False, "The receiver answered 410: it wants no more.")
    refused = api.post(f"{DOOR}{made['id']}/test/")
    assert (refused.status_code, refused.data["detail"]) == (409, "This webhook is switched off; switch it on first.")
    assert api.patch(f"{DOOR}{made['id']}/", {"is_enabled": True}).data["disabled_because"] == ""


def test_five_days_of_failures_switch_it_off(api: APIClient, made: dict[str, Any], receiver: Web) -> None:
    receiver.pages["/hook"] = Page(b"", 500)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5, minutes=1))
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    assert Webhook.objects.get().disabled_because == "Nothing arrived there for 5 days."


def test_while_a_secret_changes_both_sign(api: APIClient, made: dict[str, Any], receiver: Web) -> None:
    fresh = api.post(f"{DOOR}{made['id']}/rotate/").data
    assert fresh["secret"] != made["secret"]
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    for secret in (made["secret"], fresh["secret"]):
        assert Receiver(secret).verify(receiver.asked[0].body, receiver.asked[0].headers)["type"] == "webhook.test"
    Webhook.objects.update(former_until=timezone.now())
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    with pytest.raises(WebhookVerificationError):
        Receiver(made["secret"]).verify(receiver.asked[1].body, receiver.asked[1].headers)


def test_the_secret_is_shown_once_and_lies_nowhere_in_clear(api: APIClient, made: dict[str, Any]) -> None:
    assert made["secret"].startswith("whsec_")
    shown = json.dumps([api.get(DOOR).data, api.get(f"{DOOR}{made['id']}/").data], default=str)
    kept = repr(list(Webhook.objects.values())) + repr(list(AuditEntry.objects.values()))
    assert made["secret"] not in shown + kept


def test_a_slow_receiver_and_a_redirect_are_failures(
    api: APIClient, made: dict[str, Any], receiver: Web, in_acme: Tenant
) -> None:
    receiver.pages["/hook"] = Page(b"", 302, {"Location": receiver.url("/elsewhere")})
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    assert [asked.path for asked in receiver.asked] == ["/hook"]
    assert Delivery.objects.get().last_detail == "It answered with 302."


def test_only_the_beginning_of_a_long_answer_is_kept(api: APIClient, made: dict[str, Any], receiver: Web) -> None:
    receiver.pages["/hook"] = Page(b"x" * 1_000_000)
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    delivery = api.get(f"{API}webhook-deliveries/{Delivery.objects.get().pk}/").data
    assert (delivery["status"], len(delivery["last_answer"])) == ("delivered", 2000)


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"url": "ftp://example.com/x"}, [("url", "scheme")]),
        ({"url": "https://me:secret@example.com/x"}, [("url", "credentials")]),
        ({"url": "https://example.com:22/x"}, [("url", "port")]),
        ({"url": "nonsense"}, [("url", "scheme")]),
        ({"events": []}, [("events", "min_length")]),
        ({"events": ["run.flew"]}, [("events[0]", "invalid_choice")]),
        ({"secret": "mine"}, [("secret", "unknown")]),
    ],
)
def test_what_could_not_be_reached_is_refused(
    api: APIClient, receiver: Web, in_acme: Tenant, sent: dict[str, Any], named: list[tuple[str, str]]
) -> None:
    answer = make(api, receiver, **sent)
    assert (answer.status_code, fields(answer)) == (400, named)
    assert Webhook.objects.count() == 0


def test_an_address_inside_is_never_asked(
    api: APIClient, made: dict[str, Any], receiver: Web, settings: Settings
) -> None:
    settings.EGRESS_LOCAL_HOSTS = []
    api.post(f"{DOOR}{made['id']}/test/")
    send()
    assert (receiver.connections, Delivery.objects.get().status) == (0, "pending")


def test_only_admins_see_and_make_them(
    api_of: ApiOf, victor: User, mallory: User, made: dict[str, Any], receiver: Web
) -> None:
    for who, refused in ((victor, 403), (mallory, 404)):
        client = sending_json(api_of(who))
        doors = [client.get(DOOR), client.get(f"{DOOR}{made['id']}/"), make(client, receiver)]
        doors += [client.post(f"{DOOR}{made['id']}/{deed}/") for deed in ("test", "rotate")]
        assert [answer.status_code for answer in doors] == [refused] * 5
    assert (Webhook.objects.count(), Delivery.objects.count()) == (1, 0)


def test_a_delivery_of_nothing_is_done(in_acme: Tenant) -> None:
    lease = Lease(uuid7(), "t_acme", "webhook", UUID(int=1), "crews", 1, 0)
    assert asyncio.run(execution.run(lease)) == "done"


def test_the_pages_make_test_switch_and_delete_one(
    client_of: ClientOf, alice: User, receiver: Web, in_acme: Tenant
) -> None:
    client = client_of(alice)
    filled = {"name": "Our <b>systems</b>", "url": receiver.url("/hook"), "events": ["run.failed"]}
    fresh = client.post("/w/acme/webhooks/", filled)
    webhook = Webhook.objects.get()
    assert webhook.secret in fresh.content.decode()
    page = f"/w/acme/webhooks/{webhook.pk}/"
    client.post(f"{page}test/")
    send()
    shown = client.get(page).content.decode()
    assert "Our &lt;b&gt;systems&lt;/b&gt;" in shown
    assert "Delivered" in shown
    assert webhook.secret not in shown
    delivery = Delivery.objects.get()
    assert "thanks" in client.get(f"/w/acme/webhook-deliveries/{delivery.pk}/").content.decode()
    assert client.post(f"/w/acme/webhook-deliveries/{delivery.pk}/").status_code == 302
    assert Delivery.objects.count() == 2
    client.post(f"{page}rotate/")
    client.post(f"{page}switch/")
    webhook.refresh_from_db()
    assert (webhook.is_enabled, webhook.former_until is not None) == (False, True)
    client.post(f"{page}delete/")
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 0)


def test_a_wrong_address_stays_in_the_form(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    refused = client_of(alice).post("/w/acme/webhooks/", {"name": "x", "url": "ftp://x.example/", "events": EVENTS})
    assert refused.status_code == 422
    assert "Only http and https addresses can be reached." in refused.content.decode()
    assert Webhook.objects.count() == 0


def test_a_viewer_finds_no_webhooks(client_of: ClientOf, victor: User, made: dict[str, Any]) -> None:
    html = client_of(victor).get("/w/acme/webhooks/").content.decode()
    assert "Admins manage webhooks" in html
    assert made["url"] not in html
    filled = {"name": "Mine", "url": made["url"], "events": ["run.failed"]}
    assert client_of(victor).post("/w/acme/webhooks/", filled).status_code == 403
    assert Webhook.objects.count() == 1


def test_another_name_leaves_a_secret_alone_that_was_changed_meanwhile(
    made: dict[str, Any], alice_at_acme: Member
) -> None:
    read_before = Webhook.objects.get()
    fresh = rotate_secret(webhook=Webhook.objects.get(), by=alice_at_acme)
    update_webhook(webhook=read_before, changes={"name": "Theirs"}, by=alice_at_acme)
    kept = Webhook.objects.get()
    assert (kept.name, kept.secret, kept.former_secret) == ("Theirs", fresh.secret, made["secret"])

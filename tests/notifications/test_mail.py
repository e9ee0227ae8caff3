"""Messages by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tenants.models import Membership, Tenant, User
from tenants.notifications.models import Kind, Notification
from tenants.notifications.outbox import PAUSES
from tenants.notifications.services import choose_mails, notify
from tenants.notifications.tasks import forget, send_mails
from tests.notifications.postman import Postman

WORDS: dict[str, Any] = {
    "kind": "pulled",
    "title": "Helper was stopped",
    "text": "It asked for keys.",
    "url": "/market/acme/helper/",
}


def only() -> Notification:
    return Notification.objects.get()


def make_due() -> None:
    Notification.objects.filter(mail="waiting").update(mail_due_at=timezone.now())


def test_it_arrives_once_in_plain_text_with_one_way_out(postman: Postman, alice: User, acme: Tenant) -> None:
    notify(users=[alice], tenant=acme, **WORDS)
    send_mails()
    make_due()
    send_mails()
    [mail] = postman.mails
    assert (mail["To"], mail["Subject"]) == (alice.email, "Guildhall: Helper was stopped")
    assert mail["Message-ID"] == f"<{only().pk}@guildhall.example>"
    assert mail["List-Unsubscribe"] == "<https://guildhall.example/notifications/mail/>"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == (
        "Helper was stopped\n\nIt asked for keys.\n\nIn the workspace Acme.\n\nhttps://guildhall.example/market/acme/helper/\n\n"
        "-- \nYou get this as alice@acme.example. Choose what comes by mail: https://guildhall.example/notifications/mail/\n"
    )
    assert only().mail == "sent"


def test_a_title_of_several_lines_adds_no_header(postman: Postman, alice: User) -> None:
    notify(users=[alice], **{**WORDS, "title": "Stopped\r\nBcc: mallory@globex.example"})
    send_mails()
    [mail] = postman.mails
    assert (mail["Subject"], mail["Bcc"]) == ("Guildhall: Stopped Bcc: mallory@globex.example", None)


def test_a_refusal_for_now_is_tried_again_later(postman: Postman, alice: User) -> None:
    notify(users=[alice], **WORDS)
    postman.refusal = "451 try later"
    before = timezone.now()
    send_mails()
    row = only()
    assert (row.mail, row.mail_tries, postman.mails) == ("waiting", 1, [])
    assert row.mail_due_at is not None
    assert timedelta(seconds=PAUSES[0]) <= row.mail_due_at - before < timedelta(seconds=PAUSES[0] + 20)
    postman.refusal = ""
    send_mails()
    assert postman.mails == []
    make_due()
    send_mails()
    assert (len(postman.mails), only().mail) == (1, "sent")


@pytest.mark.parametrize(("refusal", "tries"), [("550 nobody here", 1), ("451 try later", len(PAUSES))])
def test_it_is_given_up(postman: Postman, alice: User, refusal: str, tries: int) -> None:
    notify(users=[alice], **WORDS)
    postman.refusal = refusal
    for _ in range(len(PAUSES) + 2):
        make_due()
        send_mails()
    assert (only().mail, only().mail_tries) == ("failed", tries)


def test_an_address_that_cannot_be_written_holds_up_no_other_mail(
    postman: Postman, alice: User, victor: User, moderator: User
) -> None:
    notify(users=[alice], **WORDS)
    notify(users=[victor, moderator], **WORDS)
    User.objects.filter(pk=alice.pk).update(email="alice\n@acme.example")
    Notification.objects.filter(user=alice).update(mail_due_at=timezone.now() - timedelta(hours=1))
    send_mails()
    assert sorted(mail["To"] for mail in postman.mails) == ["moderator@guildhall.example", "victor@acme.example"]
    assert Notification.objects.get(user=alice).mail == "failed"


def test_a_mail_server_that_is_away_costs_no_mail(
    postman: Postman, alice: User, victor: User, settings: Settings
) -> None:
    notify(users=[alice, victor], **WORDS)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    send_mails()
    assert set(Notification.objects.values_list("mail", "mail_tries")) == {("waiting", 1)}
    settings.EMAIL_PORT = port
    make_due()
    send_mails()
    assert {mail["To"] for mail in postman.mails} == {alice.email, victor.email}


def test_whoever_left_or_chose_otherwise_gets_none(postman: Postman, alice: User, victor: User, acme: Tenant) -> None:
    notify(users=[alice, victor], tenant=acme, **WORDS)
    Membership.objects.filter(user=victor).delete()
    choose_mails(wanted=[Kind.REVIEW], by=alice)
    notify(users=[alice], tenant=acme, **{**WORDS, "title": "Another"})
    notify(users=[alice], tenant=acme, **{**WORDS, "kind": "review"})
    send_mails()
    assert [(mail["To"], mail["Subject"]) for mail in postman.mails] == [
        (alice.email, "Guildhall: Helper was stopped"),
    ]
    assert set(Notification.objects.values_list("kind", "mail")) == {("pulled", "none"), ("review", "sent")}


def test_without_a_mail_server_and_where_the_caller_wants_none_nothing_waits(sends_mail: None, alice: User) -> None:
    notify(users=[alice], **WORDS, mail=False)
    assert only().mail == "none"


def test_messages_are_forgotten_after_90_days(alice: User) -> None:
    for title, days in (("old", 91), ("young", 89)):
        notify(users=[alice], **{**WORDS, "title": title})
        Notification.objects.filter(title=title).update(created_at=timezone.now() - timedelta(days=days))
    forget()
    assert list(Notification.objects.values_list("title", flat=True)) == ["young"]

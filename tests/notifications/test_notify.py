"""Telling people something."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tenants.models import Membership, Tenant, User
from tenants.notifications import live
from tenants.notifications.models import Notification
from tenants.notifications.queries import people_of
from tenants.notifications.services import notify

WORDS: dict[str, Any] = {
    "kind": "decision",
    "title": "Approved",
    "text": "It is on the market.",
    "url": "/market/acme/helper/",
}


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("created_at").values_list("title", flat=True))


def test_everybody_named_is_told_once(alice: User, victor: User) -> None:
    notify(users=[alice, victor, alice], **WORDS)
    notify(users=[alice], **WORDS)
    assert told(alice) == told(victor) == ["Approved"]
    row = Notification.objects.get(user=alice)
    assert (row.kind, row.text, row.url, row.tenant, row.read_at, row.mail) == (
        "decision", "It is on the market.", "/market/acme/helper/", None, None, "none",
    )  # fmt: skip


def test_other_words_are_another_message_unless_a_key_says_otherwise(alice: User) -> None:
    notify(users=[alice], **WORDS)
    notify(users=[alice], **{**WORDS, "title": "Rejected"})
    assert told(alice) == ["Approved", "Rejected"]
    notify(users=[alice], **WORDS, key="decision:1")
    notify(users=[alice], **{**WORDS, "title": "Said otherwise"}, key="decision:1")
    assert told(alice) == ["Approved", "Rejected", "Approved"]


def test_about_a_workspace_only_its_members_are_told(alice: User, mallory: User, moderator: User, acme: Tenant) -> None:
    notify(users=[alice, mallory, moderator], tenant=acme, **WORDS)
    assert (told(alice), told(mallory), told(moderator)) == (["Approved"], [], [])


def test_a_kind_that_nobody_knows_is_a_bug(alice: User) -> None:
    with pytest.raises(ValueError, match="gossip"):
        notify(users=[alice], **{**WORDS, "kind": "gossip"})
    assert told(alice) == []


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_message_leads_nowhere_else(alice: User, url: str) -> None:
    with pytest.raises(IntegrityError, match="notification_leads_nowhere_else"), transaction.atomic():
        notify(users=[alice], **{**WORDS, "url": url})
    assert told(alice) == []


def _told_and_undone(user: User) -> None:
    with transaction.atomic():
        notify(users=[user], **WORDS)
        raise RuntimeError


def test_nothing_is_told_where_the_transaction_is_undone(alice: User, committed: Any, acme: Tenant) -> None:
    rung: list[str] = []
    stop = live.carry_by(lambda topic, message, *, schema=None: rung.append(topic))
    try:
        with committed(), pytest.raises(RuntimeError):
            _told_and_undone(alice)
    finally:
        stop()
    assert (told(alice), rung) == ([], [])


def test_open_pages_hear_that_there_is_something_and_not_what(
    alice: User, victor: User, acme: Tenant, committed: Any
) -> None:
    heard: list[tuple[str | None, str, dict[str, Any]]] = []
    stop = live.carry_by(lambda topic, message, *, schema=None: heard.append((schema, topic, message["data"])))
    try:
        with committed():
            notify(users=[alice], tenant=acme, **WORDS)
    finally:
        stop()
    said = {"what": "notification.new", "recipient_id": str(alice.pk), "kind": "decision"}
    assert heard == [(acme.schema_name, "notifications", said)]


def test_who_answers_for_a_workspace(alice: User, victor: User, acme: Tenant) -> None:
    assert list(people_of(acme.pk)) == [alice]
    assert set(people_of(acme.pk, role=Membership.Role.VIEWER)) == {alice, victor}

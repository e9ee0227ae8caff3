"""Telling people something, and what they do with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants.models import Membership, Tenant, User
from tenants.notifications import live, mailing, queries
from tenants.notifications.models import LONGEST_TEXT, LONGEST_TITLE, Kind, NoMail, Notification


@transaction.atomic
def notify(
    *,
    users: Iterable[User],
    kind: str,
    title: str,
    text: str,
    url: str,
    tenant: Tenant | None = None,
    mail: bool = True,
    key: str = "",
) -> None:
    """Tell people something: in the site now, by mail and on open pages after the commit.

    `url` is a path from the host's root, such as `workspace_reverse` and `public_reverse` give. With `tenant` it is about that workspace:
    whoever is no member of it is left out. The same words reach a person once a day; with a `key` ("run:<id>:asked") once altogether.
    Raises ValueError for an unknown kind.
    """
    told = Kind(kind)
    people = _reached(users, tenant)
    if not people:
        return
    states = Notification.Mail
    by_mail = _wanting(people, told) if mail and settings.SENDS_MAIL else set()
    same = _fingerprint(told, key or f"{timezone.now():%Y-%m-%d}\n{title}\n{text}\n{url}", tenant)
    made = partial(_row, kind=told, words=(title, text, url), tenant=tenant, fingerprint=same)
    rows = [made(user_id, mail=states.WAITING if user_id in by_mail else states.NONE) for user_id in people]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(partial(live.ring, people, told.value, tenant))
    if by_mail:
        transaction.on_commit(mailing.wake)


def _reached(users: Iterable[User], tenant: Tenant | None) -> list[UUID]:
    """Each person once: whose account is open and, where it is about a workspace, who is a member of it."""
    people = list(dict.fromkeys(user.pk for user in users if user.is_active))
    if tenant is None or not people:
        return people
    return list(Membership.objects.filter(tenant=tenant, user_id__in=people).values_list("user_id", flat=True))


def _row(
    user_id: UUID,
    *,
    kind: Kind,
    words: tuple[str, str, str],
    tenant: Tenant | None,
    fingerprint: str,
    mail: Notification.Mail,
) -> Notification:
    title, text, url = words
    return Notification(
        user_id=user_id,
        tenant=tenant,
        kind=kind,
        title=_cut(title, LONGEST_TITLE),
        text=_cut(text, LONGEST_TEXT),
        url=url,
        fingerprint=fingerprint,
        mail=mail,
        mail_due_at=timezone.now() if mail == Notification.Mail.WAITING else None,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fingerprint(kind: Kind, same: str, tenant: Tenant | None) -> str:
    about = f"{kind.value}\n{tenant.pk if tenant else ''}\n{same}"
    return hashlib.sha256(about.encode()).hexdigest()


def _wanting(people: Collection[UUID], kind: Kind) -> set[UUID]:
    refused = NoMail.objects.filter(user_id__in=people, kind=kind).values_list("user_id", flat=True)
    return set(people) - set(refused)


def mark_read(*, ids: Collection[UUID], by: User) -> int:
    """Mark these as read and say how many are left; what is not theirs is left alone."""
    queries.of(by).filter(pk__in=ids, read_at=None).update(read_at=timezone.now())
    return queries.unread(by)


def mark_all_read(*, by: User, kind: str = "", workspace: str = "") -> int:
    """Mark all as read, or all of a kind or about a workspace; say how many are left."""
    rows = queries.narrowed(queries.of(by), kind=kind, unread=True, workspace=workspace)
    Notification.objects.filter(pk__in=rows.values("pk")).update(read_at=timezone.now())
    return queries.unread(by)


@transaction.atomic
def choose_mails(*, wanted: Collection[Kind], by: User) -> None:
    """From here on only these kinds come by mail; a mail of another kind that waits is not sent."""
    refused = [kind for kind in Kind if kind not in wanted]
    NoMail.objects.filter(user=by, kind__in=list(wanted)).delete()
    NoMail.objects.bulk_create([NoMail(user=by, kind=kind) for kind in refused], ignore_conflicts=True)
    Notification.objects.filter(user=by, mail=Notification.Mail.WAITING, kind__in=refused).update(
        mail=Notification.Mail.NONE, mail_due_at=None
    )

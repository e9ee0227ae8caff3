"""Who a workspace publishes as."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.models import Listing, ListingVersion, ProhibitedName, Publisher, ReservedName
from tenants.access import Member
from tenants.errors import Conflict, FieldError, Forbidden, RateLimited

DAY = timedelta(days=1)
PER_DAY = {Publisher.Standing.GOOD: 30, Publisher.Standing.WARNED: 10, Publisher.Standing.RESTRICTED: 3}
PER_DAY_WHILE_YOUNG = 10
YOUNG = timedelta(days=7)


def publisher_of(member: Member) -> Publisher | None:
    """What the member's workspace publishes as; None while it has published nothing."""
    return Publisher.objects.filter(tenant_id=member.tenant_id).first()


def namespace_for(member: Member) -> str:
    """The first half of the workspace's addresses on the market, also before there are any."""
    publisher = publisher_of(member)
    return publisher.namespace if publisher else member.slug


def ensure_publisher(member: Member) -> Publisher:
    """Made with the first publication, under the workspace's own address. Raises Conflict where that name is not to be had."""
    there = publisher_of(member)
    if there is not None:
        return there
    _check_name(member)
    try:
        with transaction.atomic():
            return Publisher.objects.create(
                namespace=member.slug, display_name=member.workspace, tenant_id=member.tenant_id
            )
    except IntegrityError:
        mine = publisher_of(member)
        if mine is None:
            raise _not_to_be_had(member.slug, "somebody else publishes under it") from None
        return mine


def _check_name(member: Member) -> None:
    reserved = ReservedName.objects.filter(name=member.slug).exclude(tenant_id=member.tenant_id).first()
    if reserved is not None:
        raise _not_to_be_had(member.slug, reserved.why)
    parts = {member.slug, *member.slug.split("-")}
    prohibited = ProhibitedName.objects.filter(name__in=parts).first()
    if prohibited is not None:
        raise _not_to_be_had(member.slug, prohibited.why)


def _not_to_be_had(name: str, why: str) -> Conflict:
    detail = f"This workspace cannot publish as “{name}”: {why.rstrip('.')}. Write to the platform's operator."
    return Conflict(detail, code="namespace", errors=[FieldError("namespace", "taken", detail)])


def check_leave(publisher: Publisher, *, visibility: str, by: Member) -> None:
    """May this person publish now, so that these people see it? The caller holds the publisher's row."""
    if publisher.standing == Publisher.Standing.BANNED:
        raise Forbidden(
            f"{publisher} is banned from publishing. The decision and the way to appeal are in your notifications.",
            code="publisher_banned",
        )
    _check_two_steps(visibility, by)
    _check_rate(publisher)


def _check_two_steps(visibility: str, by: Member) -> None:
    for_everybody = visibility in {Listing.Visibility.PUBLIC, Listing.Visibility.UNLISTED}
    if not settings.MARKET_TWO_STEP or not for_everybody:
        return
    if not Authenticator.objects.filter(user_id=by.user_id).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        raise Forbidden(
            "Publishing for everybody takes a sign-in in two steps. Set it up under “Account”, then send again; your draft is kept.",
            code="two_step_needed",
        )


def _check_rate(publisher: Publisher) -> None:
    now = timezone.now()
    most = PER_DAY[Publisher.Standing(publisher.standing)]
    if publisher.created_at > now - YOUNG:
        most = min(most, PER_DAY_WHILE_YOUNG)
    lately = ListingVersion.objects.filter(listing__publisher=publisher, submitted_at__gt=now - DAY)
    if lately.count() >= most:
        oldest = lately.order_by("submitted_at").values_list("submitted_at", flat=True).first() or now
        seconds = max(60, int((oldest + DAY - now).total_seconds()))
        raise RateLimited(
            f"{publisher} has sent {most} versions within a day; that is as many as it may.", retry_after=seconds
        )

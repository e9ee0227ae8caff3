"""What people hear: authors about decisions, reporters about outcomes, seniors about what waits for a second person."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q

from marketplace.models import ListingVersion
from marketplace.moderation.access import SPEAKS_FOR, people_of
from marketplace.moderation.models import Appeal, Decision, Report
from marketplace.moderation.targets import ReviewOf, Target
from tenants.addresses import absolute_url, public_url
from tenants.models import Tenant, User
from tenants.notifications.services import notify

Action = Decision.Action
SAYS = {
    Action.APPROVE: "{name} was approved",
    Action.REQUEST_CHANGES: "{name} needs changes before it can be published",
    Action.REJECT: "{name} was rejected",
    Action.PULL: "{name} was taken off the market",
    Action.RESTORE: "{name} is back on the market",
    Action.WARN: "{name} has received a warning",
    Action.RESTRICT: "{name} is restricted: a person reads every version first",
    Action.BAN: "{name} may not publish any more",
    Action.SUSPEND: "{name} is suspended",
    Action.REINSTATE: "{name} is in good standing again",
}
KINDS = {Action.PULL: "pulled", Action.RESTORE: "restored"}


def concerned(target: Target) -> list[User]:
    """Whom a decision about `target` concerns."""
    thing = target.thing
    if isinstance(thing, User):
        return [thing]
    if isinstance(thing, Tenant):
        members = User.objects.filter(memberships__tenant=thing, memberships__role__in=SPEAKS_FOR)
        return list(members.order_by("email"))
    if isinstance(thing, ReviewOf):
        return list(User.objects.filter(pk=thing.author_id)) if thing.author_id else []
    people = people_of(target.publisher) if target.publisher else []
    sender = thing.submitted_by_id if isinstance(thing, ListingVersion) else None
    if sender is not None and sender not in {user.pk for user in people}:
        people += User.objects.filter(pk=sender)
    return people


def decided(decision: Decision, target: Target) -> None:
    """Tell whom it concerns, with the reasons, the rule and the way to appeal."""
    if decision.action not in SAYS:
        return
    title = SAYS[Action(decision.action)].format(name=target.name)
    people, url = concerned(target), link_of(decision) or page_of(target)
    notify(
        users=people, kind=KINDS.get(Action(decision.action), "decision"), title=title, text=words_of(decision), url=url
    )
    if isinstance(target.thing, User) and settings.SENDS_MAIL:  # a closed account is told nothing in the site
        mail = partial(send_mail, title, f"{words_of(decision)}\n\n{absolute_url(url)}", None, [target.thing.email])
        transaction.on_commit(mail, robust=True)


def words_of(decision: Decision) -> str:
    """The explanation, where to look, the rule, and how to appeal, as the author reads it."""
    if not decision.is_adverse:
        return decision.reasoning or "Nothing else is to be done."
    places = [
        " ".join(part for part in (e.get("path"), e.get("quote"), e.get("note")) if part) for e in decision.evidence
    ]
    rule = f"Rule {decision.policy}: {decision.policy_text}" if decision.policy else ""
    appeal = "If you see it otherwise, appeal: somebody who had no part in this decision reads it."
    return "\n\n".join(part for part in (decision.reasoning, "\n".join(places), rule, appeal) if part)


def link_of(decision: Decision) -> str:
    """The page of a decision that can be appealed, from the host's root; empty for any other."""
    return public_url(f"appeals/{decision.appeal_token}/") if decision.appeal_token else ""


def taken_back(decision: Decision, target: Target) -> None:
    notify(
        users=concerned(target),
        kind="decision",
        title=f"The decision about {target.name} was taken back",
        text=f"“{decision.get_action_display()}” no longer counts; everything is as it was before.",
        url=link_of(decision) or page_of(target),
        key=f"decision:{decision.pk}:undone",
    )


def second_person_needed(decision: Decision, target: Target) -> None:
    """Ring the platform's people who may confirm, except the one who decided and the publisher's own."""
    own = {user.pk for user in people_of(target.publisher)} if target.publisher else set()
    may = Q(is_superuser=True) | Q(groups__permissions__codename="confirm")
    staff = User.objects.filter(may, is_staff=True, is_active=True).exclude(pk__in={decision.decided_by_id, *own})
    notify(
        users=staff,
        kind="decision",
        title=f"A second person is needed: {decision.get_action_display().lower()} {target.name}",
        text=decision.held_reason,
        url="/admin/second/",
        key=f"decision:{decision.pk}:second",
    )


def appeal_decided(appeal: Appeal, target: Target) -> None:
    title = {Appeal.State.UPHELD: "stands", Appeal.State.OVERTURNED: "was taken back"}[Appeal.State(appeal.state)]
    people = {user.pk: user for user in [*concerned(target), *User.objects.filter(pk=appeal.by_id)]}
    notify(
        users=people.values(),
        kind="appeal",
        title=f"Your appeal was read: the decision about {target.name} {title}",
        text=appeal.answer,
        url=link_of(appeal.decision),
        key=f"appeal:{appeal.pk}:{appeal.state}",
    )


def report_decided(report: Report, name: str, url: str) -> None:
    found = report.state == Report.State.CONFIRMED
    notify(
        users=User.objects.filter(pk=report.reporter_id),
        kind="report_outcome",
        title=f"Your report about {name}: {'confirmed' if found else 'nothing to be done'}",
        text=report.outcome_note
        or ("Thank you; we have acted on it." if found else "We looked at it and found no breach of the rules."),
        url=url,
        key=f"report:{report.pk}:{report.decided_at}",
    )


def page_of(target: Target) -> str:
    if target.listing is not None:
        return public_url(f"market/{target.listing.publisher.namespace}/{target.listing.slug}/")
    return public_url(f"market/{target.publisher.namespace}/") if target.publisher else public_url("market/")

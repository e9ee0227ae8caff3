"""What a decision would do, found out by doing it and taking it back.

The preview asks the very code that will act: the same locks, checks and holds. Nothing leaves the database before a commit,
so a transaction that is rolled back has told nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from marketplace.console.acting import About, act
from marketplace.moderation.models import Decision
from marketplace.moderation.services import telling
from marketplace.moderation.targets import target_of_row
from marketplace.moderation.verdicts import Action, Verdict
from tenants.errors import DomainError
from tenants.models import User
from tenants.notifications.mailing import message_of
from tenants.notifications.models import Notification

MOST_MAILS = 5


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it would be sent."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it: `refused` says why nothing would happen, `hold` why a second person is needed."""

    refused: str = ""
    hold: str = ""
    mails: tuple[Mail, ...] = ()
    lines: tuple[str, ...] = ()


def rehearse(about: About, *, verdict: Verdict, note: str, by: User) -> Rehearsal:
    """Decide, look, and take it back."""
    try:
        with transaction.atomic():
            decision = act(about, verdict=verdict, note=note, by=by)
            seen = Rehearsal(hold=decision.held_reason, mails=tuple(_mails(decision)), lines=tuple(_lines(decision)))
            transaction.set_rollback(True)
    except DomainError as error:
        return Rehearsal(refused=error.detail)
    return seen


def _mails(decision: Decision) -> Iterator[Mail]:
    """What is written to whom once the decision is carried out, word for word; only the appeal's link is made anew."""
    target = target_of_row(decision)
    if decision.action not in telling.SAYS:
        return
    title = telling.SAYS[Action(decision.action)].format(name=target.name)
    url = telling.link_of(decision) or telling.page_of(target)
    for person in telling.concerned(target)[:MOST_MAILS]:
        told = Notification(user=person, title=title, text=telling.words_of(decision), url=url)
        message = message_of(told)
        yield Mail(person.email, str(message.subject), str(message.body))


def _lines(decision: Decision) -> Iterator[str]:
    """What changes, in sentences."""
    prior = decision.prior_state
    if decision.is_pending:
        yield (
            "Nothing changes yet: it waits for a second person."
            if decision.held
            else (
                f"Nothing changes yet: it is carried out on {decision.execute_at:%-d %B at %H:%M} UTC, if it is still right then."
            )
        )
    states = {"review_state": "Review", "standing": "Standing", "status": "Workspace", "is_active": "Account open"}
    for name, word in states.items():
        if name in prior:
            yield f"{word}: {_worded(prior[name])} becomes {_worded(prior.get('became', ''))}."
    if blocks := len(prior.get("blocks", ())):
        yield f"{blocks} block is set{': what runs is stopped' if decision.severity == 'hard' else ''}."
    if lifted := len(prior.get("lifted", ())):
        yield f"{lifted} block is lifted; what it stopped may go on."
    if decision.is_adverse:
        yield "Who it is about gets a link to appeal, and somebody else decides about that."


def _worded(value: object) -> str:
    return {"True": "yes", "False": "no"}.get(str(value), str(value).replace("_", " "))

"""The workbench: evidence on the left, the decision on the right. Everything that strangers wrote is text here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from marketplace.console import access, evidence
from marketplace.console.acting import About, act
from marketplace.console.forms import AppealForm, VerdictForm
from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries import decisions, items, queue
from marketplace.console.queries.subject import Subject, subject_of_thing
from marketplace.console.rehearsal import Rehearsal, rehearse
from marketplace.moderation import services
from marketplace.moderation.access import is_of
from marketplace.moderation.effects import POSSIBLE
from marketplace.moderation.models import Appeal, Decision, ReviewTask
from marketplace.moderation.targets import Target, Thing, target_of, target_of_row
from marketplace.moderation.verdicts import Action, Verdict
from tenants.errors import DomainError

REVIEWING = (Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT)
NO_CHANGE = {ReviewTask.Kind.REPORT, ReviewTask.Kind.RETRO, ReviewTask.Kind.PUBLISHER}


class Bench(ConsolePage):
    """What the workbenches of a queue's item and of a thing share."""

    task: ReviewTask | None = None
    target: Target
    waiting: Decision | None = None

    def find(self) -> None:
        """Set `target`, and `task` where there is one. Raises NotFound."""
        raise NotImplementedError

    @property
    def base(self) -> str:
        """The address of this bench, without its tab."""
        return self.request.path

    @property
    def about(self) -> About:
        return self.task or self.target.thing

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find()
        return self.bench(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find()
        form = self.verdict_form(request.POST)
        if not form.is_valid():
            return self.bench(form, status=422)
        verdict = form.verdict()
        if request.POST.get("step") == "send":
            return self.send(form, verdict)
        seen = rehearse(self.about, verdict=verdict, note=form.cleaned_data.get("note", ""), by=self.user)
        if seen.refused:
            form.add_error(None, seen.refused)
            return self.bench(form, status=422)
        return self.bench(self.verdict_form(form.taken_over()), preview=preview_of(seen, verdict))

    def send(self, form: VerdictForm, verdict: Verdict) -> HttpResponse:
        try:
            decision = act(self.about, verdict=verdict, note=form.cleaned_data.get("note", ""), by=self.user)
        except DomainError as error:
            form.add_error(None, error.detail)
            return self.bench(form, status=error.status)
        return redirect(self.after(decision))

    def after(self, decision: Decision) -> str:
        return reverse("admin:console_decision", args=[decision.pk])

    def form(self, sent: Any = None) -> VerdictForm | AppealForm:
        return self.verdict_form(sent)

    def verdict_form(self, sent: Any = None) -> VerdictForm:
        reported = self.task is not None and self.task.kind == ReviewTask.Kind.REPORT
        shown = self.subject.version if self.target.kind == "version" else None
        return VerdictForm(
            sent,
            initial={"digest": shown.digest if shown else ""},
            actions=self.actions(),
            findings=evidence.choosable(self.subject),
            reported=reported,
        )

    def actions(self) -> list[Action]:
        """Those that can be carried out on this thing in its state."""
        possible = [action for action in Action if action in POSSIBLE[self.target.kind]]
        if self.subject.version is not None and self.target.kind == "version":
            in_review = self.subject.version.review_state == "in_review"
            possible = [action for action in possible if (action in REVIEWING) == in_review]
        if self.task is not None and self.task.kind in NO_CHANGE:
            possible.append(Action.DISMISS)
        return possible

    @property
    def subject(self) -> Subject:
        return subject_of_thing(self.target.thing)

    def bench(self, form: VerdictForm | AppealForm, *, status: int = 200, preview: Any = None) -> HttpResponse:
        subject = self.subject
        tabs = evidence.tabs_for(subject)
        chosen = next((tab for tab in tabs if tab.name == self.request.GET.get("tab")), tabs[0])
        return self.show(
            "workbench.html",
            status=status,
            base=self.base,
            subject=subject,
            record=items.record_of(subject.publisher),
            tabs=tabs,
            chosen=chosen,
            form=form,
            preview=preview,
            panel=self.panel(),
            waiting=self.waiting,
            decide_address=f"{self.base}?tab={chosen.name}",
            blocked_because=self.blocked_because(),
            **self.about_task(),
            **self.last_decision(),
            **chosen.build(subject),
        )

    def panel(self) -> str:
        return "console/_verdict.html"

    def blocked_because(self) -> str:
        """Why this moderator may not decide this, said before they try."""
        publisher = self.target.publisher
        if publisher is not None and is_of(self.user, publisher):
            return f"You belong to {publisher}. Leave this one to somebody else."
        return ""

    def about_task(self) -> dict[str, Any]:
        task = self.task
        if task is None:
            return {"note_address": self.note_address()}
        now = timezone.now()
        holder = task.held_by(now=now)
        points = task.weight_info if isinstance(task.weight_info, dict) else {}
        return {
            "task": task,
            "overdue": task.due_at is not None and task.due_at < now,
            "holder": "me" if holder == self.user.pk else task.claimed_by_name if holder else "",
            "weights": [
                (items.worded(reason), points.get(reason, "")) for reason in {**dict.fromkeys(task.reasons), **points}
            ],
            "note_address": self.note_address(),
        }

    def note_address(self) -> str:
        subject = self.subject
        if subject.listing is not None:
            return reverse("admin:console_note", args=["listing", subject.listing.pk])
        if subject.publisher is not None:
            return reverse("admin:console_note", args=["publisher", subject.publisher.pk])
        return ""

    def last_decision(self) -> dict[str, Any]:
        """What was decided just before this, with the way to undo it."""
        try:
            decision = access.get_decision(UUID(self.request.GET["last"]))
        except (KeyError, ValueError, DomainError):
            return {}
        return {
            "last": decision,
            "last_title": target_of_row(decision).name,
            "last_undo": decisions.minutes_to_undo(decision),
        }


def preview_of(seen: Rehearsal, verdict: Verdict) -> dict[str, Any]:
    button = "Send to a second person" if seen.hold else f"{verdict.action.label} now"
    return {"hold": seen.hold, "lines": seen.lines, "mails": seen.mails, "button": button}


class TaskBench(Bench):
    """An item of the queue."""

    def find(self) -> None:
        self.task = access.get_task(self.kwargs["task_id"])
        self.target = target_of_row(self.task)
        self.waiting = decisions.pending_of(self.task)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find()
        appeal = self.appeal
        if appeal is None:
            return super().post(request, **kwargs)
        form = AppealForm(request.POST)
        if not form.is_valid():
            return self.bench(form, status=422)
        overturn, answer = form.cleaned_data["outcome"] == "overturn", form.cleaned_data["answer"]
        try:
            settled = services.decide_appeal(appeal.pk, overturn=overturn, answer=answer, by=self.user)
        except DomainError as error:
            form.add_error(None, error.detail)
            return self.bench(form, status=error.status)
        return redirect(self.after(settled.outcome or settled.decision))

    @property
    def appeal(self) -> Appeal | None:
        return getattr(self.task, "appeal", None)

    def form(self, sent: Any = None) -> VerdictForm | AppealForm:
        return AppealForm(sent) if self.appeal is not None else super().form(sent)

    def blocked_because(self) -> str:
        appeal = self.appeal
        if appeal and self.user.pk in {appeal.decision.decided_by_id, appeal.decision.confirmed_by_id}:
            return "You had a part in this decision; an appeal is decided by somebody else."
        return super().blocked_because()

    def after(self, decision: Decision) -> str:
        following = queue.next_task(self.user.pk, but=self.kwargs["task_id"])
        if following is None:
            return reverse("admin:console_decision", args=[decision.pk])
        return f"{reverse('admin:console_task', args=[following.pk])}?last={decision.pk}"

    def panel(self) -> str:
        if self.task is None or not self.task.is_open:
            return "console/_closed.html"
        if self.waiting is not None:
            return "console/_held.html"
        return "console/_appeal.html" if self.task.kind == ReviewTask.Kind.APPEAL else "console/_verdict.html"


class ThingBench(Bench):
    """A listing, publisher, person or workspace that nobody put into the queue; `find_thing` is one of access's."""

    find_thing: Callable[[UUID], Thing] = staticmethod(access.get_listing)

    def find(self) -> None:
        self.target = target_of(self.find_thing(self.kwargs["pk"]))

"""Several items of the queue decided together: what would change is shown first, and all of it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.console import access, notes
from marketplace.console.acting import act
from marketplace.console.forms import VerdictForm
from marketplace.console.pages.base import ConsolePage
from marketplace.console.pages.decisions import rows
from marketplace.console.queries import decisions
from marketplace.console.queries.items import Item, items
from marketplace.console.queries.queue import ON_A_PAGE, with_targets
from marketplace.console.rehearsal import Rehearsal, rehearse
from marketplace.moderation import services
from marketplace.moderation.models import ReviewTask
from marketplace.moderation.verdicts import Action, Verdict
from tenants.errors import DomainError

TOGETHER = (Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT, Action.DISMISS)


@dataclass(frozen=True, slots=True)
class Line:
    """One item and what came of it, or what would."""

    item: Item
    seen: Rehearsal


class Bulk(ConsolePage):
    """Nothing is stored between the steps: the chosen items travel with the form."""

    def post(self, request: HttpRequest) -> HttpResponse:
        tasks = self.chosen()
        if not tasks:
            messages.error(request, "Choose at least one item first.")
            return redirect("admin:console_queue")
        sent = request.POST if "step" in request.POST else None
        form = VerdictForm(sent, actions=TOGETHER, reported=True)
        if sent is None or not form.is_valid():
            return self.page(tasks, form, status=200 if sent is None else 422)
        verdict, note = form.verdict(), form.cleaned_data["note"]
        lines = [
            Line(item, rehearse(item.task, verdict=self.bound(verdict, item.task), note=note, by=self.user))
            for item in items(tasks)
        ]
        if request.POST["step"] != "send":
            taken = VerdictForm(form.taken_over(), actions=TOGETHER, reported=True)
            return self.page(tasks, taken, lines=lines)
        return self.carry_out([line.item.task for line in lines if not line.seen.refused], verdict, note)

    def chosen(self) -> list[ReviewTask]:
        keys = [key for key in map(_key, self.request.POST.getlist("task")[:ON_A_PAGE]) if key]
        return list(with_targets(ReviewTask.objects.filter(pk__in=keys)).order_by("-weight", "due_at", "id"))

    def bound(self, verdict: Verdict, task: ReviewTask) -> Verdict:
        """The verdict on the content that this page was made from, not on what is there by now."""
        return replace(verdict, digest=self.request.POST.get(f"digest-{task.pk}", "")[:71])

    def page(
        self, tasks: Sequence[ReviewTask], form: VerdictForm, *, lines: Sequence[Line] = (), status: int = 200
    ) -> HttpResponse:
        return self.show(
            "bulk.html",
            status=status,
            tasks=items(tasks),
            form=form,
            doable=[line for line in lines if not line.seen.refused],
            left_out=[line for line in lines if line.seen.refused],
            previewed=bool(lines),
            room="/admin/queue/",
        )

    def carry_out(self, tasks: Sequence[ReviewTask], verdict: Verdict, note: str) -> HttpResponse:
        """One after the other, each in its own transaction: what somebody decided meanwhile is left out and named."""
        done: list[UUID] = []
        for task in tasks:
            try:
                done.append(act(task, verdict=self.bound(verdict, task), note=note, by=self.user).pk)
            except DomainError as error:
                messages.error(self.request, f"{task}: {error.detail}")
        if not done:
            return redirect("admin:console_queue")
        batch = notes.remember_batch(action=verdict.action.label, decisions=done, by=self.user)
        return redirect("admin:console_batch", batch.pk)


class OneBatch(ConsolePage):
    """What was decided together, and the way back."""

    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = access.get_batch(batch_id, self.user)
        found = rows(decisions.of_batch(batch.decisions))
        return self.show(
            "batch.html", batch=batch, rows=found, undoable=any(left for _, _, left in found), room="/admin/decisions/"
        )

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = access.get_batch(batch_id, self.user)
        undone = 0
        for decision_id in batch.decisions:
            try:
                services.undo(decision_id, by=self.user)
                undone += 1
            except DomainError as error:
                messages.error(request, error.detail)
        messages.success(request, f"{undone} of {len(batch.decisions)} are taken back.")
        return redirect("admin:console_batch", batch.pk)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

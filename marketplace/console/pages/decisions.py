"""Decisions after they were taken: the list, one of them, undoing, and the second person's word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace.console import access, notes, roles
from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries import decisions
from marketplace.moderation import services
from marketplace.moderation.models import Decision
from marketplace.moderation.targets import target_of_row
from tenants.errors import DomainError, NotFound


def named(decision: Decision) -> str:
    """What a decision is about, also when that is gone."""
    try:
        return target_of_row(decision).name
    except NotFound:
        return "Something that is gone"


def rows(found: Any) -> list[tuple[Decision, str, int]]:
    """(decision, what it is about, minutes left to undo it)."""
    return [(each, named(each), decisions.minutes_to_undo(each)) for each in found]


class Decisions(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        mine = self.user.pk if request.GET.get("whose") == "mine" else None
        found = list(decisions.recent(before=_key(request.GET.get("before", "")), mine=mine))
        return self.show(
            "decisions.html",
            rows=rows(found[: decisions.RECENT]),
            delayed=rows(decisions.delayed()[: decisions.RECENT]),
            batches=notes.recent_batches(self.user),
            mine=mine,
            before=found[decisions.RECENT - 1].pk if len(found) > decisions.RECENT else None,
            room="/admin/decisions/",
        )


class OneDecision(ConsolePage):
    def get(self, request: HttpRequest, decision_id: UUID) -> HttpResponse:
        decision = access.get_decision(decision_id)
        appeal = getattr(decision, "appeal", None)
        return self.show(
            "decision.html",
            decision=decision,
            title=named(decision),
            undo=decisions.minutes_to_undo(decision),
            appeal=appeal,
            may_confirm=decision.held
            and decision.is_pending
            and decision.confirmed_by_id is None
            and decision.decided_by_id != self.user.pk
            and roles.is_senior(self.user),
            room="/admin/decisions/",
        )


class Undo(ConsolePage):
    def post(self, request: HttpRequest, decision_id: UUID) -> HttpResponse:
        back = reverse("admin:console_decision", args=[decision_id])
        try:
            decision = services.undo(decision_id, by=self.user)
        except DomainError as error:
            return self.refuse(error, back)
        messages.success(request, f"{decision.get_action_display()} is taken back.")
        return redirect(back if decision.task_id is None else reverse("admin:console_task", args=[decision.task_id]))


class Second(ConsolePage):
    """What waits for a second person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("second.html", rows=rows(decisions.waiting_for_second()[:200]), room="/admin/second/")


class Confirm(ConsolePage):
    """The second person's word."""

    def post(self, request: HttpRequest, decision_id: UUID) -> HttpResponse:
        back = reverse("admin:console_decision", args=[decision_id])
        agrees = "agree" in request.POST
        try:
            if agrees:
                services.confirm(decision_id, by=self.user)
            else:
                services.decline(decision_id, by=self.user, why=request.POST.get("why", ""))
        except DomainError as error:
            return self.refuse(error, back)
        messages.success(request, "Confirmed." if agrees else "Not confirmed; it goes back into the queue.")
        return redirect("admin:console_second")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

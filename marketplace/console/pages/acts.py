"""Small acts: claiming an item, writing on a whiteboard."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace.console import access, notes
from marketplace.console.pages.base import ConsolePage
from marketplace.moderation import services
from marketplace.moderation.models import ReviewTask
from tenants.errors import DomainError


class Claim(ConsolePage):
    """Take an item for half an hour, or give it back."""

    def post(self, request: HttpRequest, task_id: UUID) -> HttpResponse:
        back = reverse("admin:console_task", args=[task_id])
        if "release" not in request.POST:
            try:
                self.take(access.get_task(task_id))
            except DomainError as error:
                return self.refuse(error, back)
            return redirect(back)
        try:
            services.release(task_id, by=self.user)
        except DomainError as error:
            return self.refuse(error, back)
        messages.success(request, "Given back to the queue.")
        return redirect("admin:console_queue")

    def take(self, task: ReviewTask) -> None:
        """An appeal is taken as such: whoever decided first, or confirmed that, is refused."""
        if task.kind == ReviewTask.Kind.APPEAL:
            services.claim_appeal(task.appeal.pk, by=self.user)
        else:
            services.claim(task.pk, by=self.user)


class WriteNote(ConsolePage):
    """Put a line on the whiteboard of a listing or a publisher."""

    def post(self, request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
        about = access.get_listing(pk) if kind == "listing" else access.get_publisher(pk)
        back = f"{reverse(f'admin:console_{kind}', args=[pk])}?tab=notes"
        try:
            notes.write_note(about=about, text=request.POST.get("text", ""), by=self.user)
        except DomainError as error:
            return self.refuse(error, back)
        messages.success(request, "It is on the whiteboard.")
        return redirect(back)

"""The part of the page of documents that says who makes vectors, and takes an admin's choice."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.connections.access import get_connection
from agents.connections.models import Connection
from agents.knowledge import choosing
from agents.pages.documents import DocumentsPage
from tenants.errors import DomainError, Invalid


class MeaningPage(DocumentsPage):
    """Choose a model, drop it, or have it try again."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            messages.success(request, self._done(request))
        except DomainError as refusal:
            if refusal.status == 403:
                raise
            typed = request.POST.get("model", "")
            return self._answer(request, errors=[refusal.detail], status=refusal.status, typed=typed)
        return redirect("agents:documents")

    def _done(self, request: HttpRequest) -> str:
        if "drop" in request.POST:
            choosing.drop_embedder(by=self.member)
            return "Search goes by words alone now."
        if "again" in request.POST:
            choosing.try_again(by=self.member)
            return "It goes on in the background."
        model = request.POST.get("model", "")
        made = choosing.choose_embedder(connection=self._provider(request), model=model, by=self.member)
        return f"{made.served} answers. Passages get their vectors in the background."

    def _provider(self, request: HttpRequest) -> Connection | None:
        if not (chosen := request.POST.get("provider", "")):
            return None
        try:
            return get_connection(self.member, forms.UUIDField().clean(chosen))
        except forms.ValidationError:
            raise Invalid("Choose a provider from the list.") from None

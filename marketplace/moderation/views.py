"""The page on which a listing is reported, and the page of a decision, where it is appealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from marketplace.browsing.listing_page import ListingPage
from marketplace.moderation import services
from marketplace.moderation.access import get_decision
from marketplace.moderation.forms import AppealForm, ReportForm
from marketplace.moderation.models import ReasonCode
from marketplace.moderation.presenting import shown
from marketplace.moderation.queries.concerning import decisions_against
from tenants.addresses import public_url
from tenants.errors import DomainError, NotFound
from tenants.forms import show_refusal
from tenants.models import User
from tenants.pages import PublicPage, keep_private
from tenants.views import SignedInPage


class Report(SignedInPage, ListingPage):
    """Tell the moderators what is wrong with a listing."""

    tab = "report"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self.show(form=ReportForm())

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        form = ReportForm(request.POST)
        if form.is_valid():
            reason, text = ReasonCode(form.cleaned_data["reason"]), form.cleaned_data["text"]
            try:
                services.report(self.listing, reason=reason, text=text, by=self.user, version=self.version)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Thank you. A moderator reads it, and you are told what came of it.")
                return redirect("marketplace:listing", publisher, slug)
        return self.show(status=422, form=form)


class Decisions(SignedInPage):
    """Everything that was decided against what one speaks for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = decisions_against(self.user)[:100]
        return self.render("moderation/decisions.html", decisions=[shown(decision) for decision in found])


class Appeal(PublicPage):
    """One decision with its grounds. Whom it concerns signs in; a closed account comes in by the link alone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return keep_private(super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        return self._answer(token, AppealForm())

    def post(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        form = AppealForm(request.POST)
        if form.is_valid():
            try:
                services.appeal(token, by=self._reader(), text=form.cleaned_data["text"])
            except NotFound:
                raise
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Your appeal is with somebody who had no part in the decision.")
                return redirect("moderation:appeal", token)
        return self._answer(token, form, status=422)

    def _answer(self, token: UUID, form: AppealForm, *, status: int = 200) -> HttpResponseBase:
        decision, reader = get_decision(token), self._reader()
        if decision.user_id is None and reader is None:
            return redirect_to_login(self.request.get_full_path(), public_url("/accounts/login/"))
        services.readable_by(decision, reader)
        return self.render("moderation/appeal.html", status=status, decision=shown(decision), form=form)

    def _reader(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None

"""Try a sample on the page of a listing, and the page that shows what came of it."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.request import Request

from marketplace.browsing.listing_page import ListingPage
from marketplace.manifest.envelope import ToolManifest
from marketplace.sandbox import evaluating, trying
from marketplace.sandbox.forms import SampleForm
from projects.rendering import render_markdown
from tenants.addresses import public_url
from tenants.api import limits
from tenants.errors import DomainError
from tenants.models import User
from tenants.pages import PublicPage

REFRESH_SECONDS = 3


class Sample(ListingPage):
    """The sample with its example filled in, and how the version did in its own cases."""

    tab = "sample"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self._answer(SampleForm(self.manifest))

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        form = SampleForm(self.manifest, request.POST)
        if not trying.is_open_to(request.user):
            return redirect_to_login(request.get_full_path(), public_url("/accounts/login/"))
        if not form.is_valid():
            return self._answer(form, status=422)
        try:
            trying.check_offered(self.version)
            fresh = trying.start_trial(
                manifest=self.manifest, inputs=form.values(), caller=_caller(request), version=self.version
            )
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
            return self._answer(form, status=refusal.status)
        return redirect("sandbox:trial", fresh.token)

    def _answer(self, form: SampleForm, *, status: int = 200) -> HttpResponse:
        evaluation = evaluating.latest(self.version)
        return self.show(
            status=status,
            form=form,
            may_try=not isinstance(self.manifest, ToolManifest),
            sign_in_first=not trying.is_open_to(self.request.user),
            documents=trying.documents_of(self.manifest),
            evaluation=evaluation,
            cases=evaluation.cases.all() if evaluation else [],
        )


class TrialPage(PublicPage):
    """No search engine and no cache keeps it. While the sample runs, the browser asks again by itself, without a script."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        caller = limits.address_of(cast(Request, request))
        limits.take_or_refuse("trial-pages", caller, settings.SHARED_REQUESTS_PER_MINUTE)
        trial = trying.get_trial(token)
        answer = self.render(
            "sandbox/trial.html",
            trial=trial,
            listing=trial.version.listing if trial.version else None,
            steps=[_shown(step) for step in trying.steps_of(trial)],
            output=render_markdown(trial.output) if trial.output else "",
            refresh=REFRESH_SECONDS,
        )
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        if not trial.has_ended:
            answer["Refresh"] = str(REFRESH_SECONDS)
        return answer


def _shown(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "html": render_markdown(str(step["output"])) if step.get("output") else ""}


def _caller(request: HttpRequest) -> str:
    """Whoever is signed in counts as themselves, anybody else as their address."""
    if isinstance(request.user, User):
        return trying.caller_of(f"user:{request.user.pk}")
    return trying.caller_of(f"address:{limits.address_of(cast(Request, request))}")

"""Ask before the copy is made: what it may do here, and what it needs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from agents.models import Crew
from marketplace.installs import consenting
from marketplace.installs.examining import obstacles, subject_of
from marketplace.installs.finding import find_version
from marketplace.installs.needs import survey
from marketplace.installs.views.asking import REFUSALS, wish_in, with_refusal
from marketplace.models import ListingVersion
from marketplace.remixing import services
from marketplace.remixing.services import Remix
from simulations.models import Scenario
from tenants.access import Role
from tenants.errors import DomainError
from tenants.pages import WorkspacePage


class NewRemix(WorkspacePage):
    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self._answer(find_version(f"{publisher}/{slug}", request.GET.get("version", ""), by=self.member))

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        version = find_version(f"{publisher}/{slug}", request.POST.get("version", ""), by=self.member)
        try:
            made = services.remix_listing(version=version, by=self.member, wish=wish_in(request))
        except REFUSALS as refusal:
            return with_refusal(self._answer(version, refusal), refusal)
        messages.success(request, f"{made.name} is yours to change.")
        return redirect(home_of(made))

    def _answer(self, version: ListingVersion, refusal: DomainError | None = None) -> HttpResponse:
        services.refuse_remix(version.listing)
        subject, wish = subject_of(version), wish_in(self.request)
        found = survey(subject.manifest, wish.bindings)
        return self.render(
            "remixing/new.html",
            listing=version.listing,
            version=version,
            consents=consenting.asked(subject.manifest, found),
            granted=wish.grants,
            needs=found.found,
            obstacles=list(obstacles(subject, found)),
            may_remix=self.member.may(Role.OPERATOR),
            refusal=refusal,
        )


def home_of(made: Remix) -> str:
    if isinstance(made, Crew):
        return reverse("agents:crew", args=[made.pk])
    if isinstance(made, Scenario):
        return reverse("simulations:scenario", args=[made.pk])
    return reverse("agents:crews")

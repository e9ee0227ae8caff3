"""Asking before anything is copied: what may it do here, what does it need, what stands against it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.installs import access, consenting, rules, services
from marketplace.installs.examining import obstacles, subject_of
from marketplace.installs.finding import find_version
from marketplace.installs.homes import home_of
from marketplace.installs.models import Approval
from marketplace.installs.needs import survey
from marketplace.installs.views.asking import REFUSALS, wish_in, with_refusal
from marketplace.models import ListingVersion
from tenants.access import Role
from tenants.errors import DomainError
from tenants.pages import WorkspacePage


class Install(WorkspacePage):
    """Ask, permission by permission, the riskiest first."""

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self._answer(find_version(f"{publisher}/{slug}", request.GET.get("version", ""), by=self.member))

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        version = find_version(f"{publisher}/{slug}", request.POST.get("version", ""), by=self.member)
        try:
            made = services.request_installation(version=version, by=self.member, wish=wish_in(request))
        except REFUSALS as refusal:
            return with_refusal(self._answer(version, refusal), refusal)
        if isinstance(made, Approval):
            messages.success(request, f"An admin is asked whether {made.title} {made.semver} may be installed.")
            return redirect("installs:approvals")
        messages.success(request, f"{made.title} {made.semver} is installed.")
        return redirect(home_of(made))

    def _answer(self, version: ListingVersion, refusal: DomainError | None = None) -> HttpResponse:
        subject, wish = subject_of(version), wish_in(self.request)
        found = survey(subject.manifest, wish.bindings)
        against = list(obstacles(subject, found))
        overridable = self.member.may(Role.ADMIN) and all(each.overridable for each in against)
        return self.render(
            "installs/new.html",
            listing=version.listing,
            version=version,
            manifest=subject.manifest,
            consents=consenting.asked(subject.manifest, found),
            granted=wish.grants,
            needs=found.found,
            obstacles=against,
            may_override=bool(against) and overridable,
            there=access.installed().filter(listing_id=version.listing_id).first(),
            may_install=self.member.may(Role.OPERATOR),
            is_possible=not against or overridable,
            needs_leave=rules.needs_leave(rules.current(), self.member),
            refusal=refusal,
        )

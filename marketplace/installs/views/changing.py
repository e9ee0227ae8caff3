"""Another version in the place of the present one: what it changes, permissions first, and the yes to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.installs import access, differing, rules, services
from marketplace.installs.differing import Differing
from marketplace.installs.finding import find_version
from marketplace.installs.models import Approval, Installation
from marketplace.installs.views.asking import REFUSALS, number_in, wish_in, with_refusal
from marketplace.manifest.comparing import Change
from tenants.access import Role
from tenants.errors import DomainError
from tenants.pages import WorkspacePage

SECTIONS = ("prompts", "inputs", "limits", "settings", "words")


class ChangePage(WorkspacePage):
    """What both ways of changing the version share."""

    def answer(self, found: Differing, pin: int | None, refusal: DomainError | None = None) -> HttpResponse:
        wish = wish_in(self.request)
        overridable = self.member.may(Role.ADMIN) and all(each.overridable for each in found.obstacles)
        answer = self.render(
            "installs/change.html",
            installation=found.installation,
            found=found,
            difference=found.difference,
            shown={name: shown(getattr(found.difference, name)) for name in SECTIONS},
            consents=found.consents,
            granted=wish.grants,
            needs=found.survey.found,
            pin=pin,
            obstacles=found.obstacles,
            may_override=bool(found.obstacles) and overridable,
            may_change=self.member.may(Role.OPERATOR) and (not found.obstacles or overridable),
            needs_leave=rules.needs_leave(rules.current(), self.member),
            refusal=refusal,
        )
        return with_refusal(answer, refusal)


class Update(ChangePage):
    def get(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = access.get_installation(installation_id)
        return self.answer(differing.to_version(installation, request.GET.get("to", ""), by=self.member), None)

    def post(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = access.get_installation(installation_id)
        semver = request.POST.get("version", "")
        version = find_version(str(installation.listing_id), semver, by=self.member)
        try:
            made = services.request_update(
                installation=installation,
                version=version,
                by=self.member,
                wish=wish_in(request),
                expected=number_in(request, "seen"),
            )
        except REFUSALS as refusal:
            return self.answer(differing.to_version(installation, semver, by=self.member), None, refusal)
        if isinstance(made, Approval):
            messages.success(request, f"An admin is asked whether {made.title} {made.semver} may be installed.")
            return redirect("installs:approvals")
        return _done(request, made)


class RollBack(ChangePage):
    def get(self, request: HttpRequest, installation_id: UUID, number: int) -> HttpResponse:
        return self.answer(differing.to_pin(access.get_installation(installation_id), number), number)

    def post(self, request: HttpRequest, installation_id: UUID, number: int) -> HttpResponse:
        installation = access.get_installation(installation_id)
        try:
            made = services.roll_back(
                installation=installation,
                number=number,
                by=self.member,
                wish=wish_in(request),
                expected=number_in(request, "seen"),
            )
        except REFUSALS as refusal:
            return self.answer(differing.to_pin(installation, number), number, refusal)
        return _done(request, made)


def _done(request: HttpRequest, installation: Installation) -> HttpResponse:
    messages.success(
        request,
        f"{installation.title} is {installation.semver} now. Runs that had begun finish on what they began with.",
    )
    return redirect("installs:installation", installation.pk)


def shown(changes: Iterable[Change]) -> list[Change]:
    """The changes with their values as people read them."""
    return [Change(each.path, _spelled(each.old), _spelled(each.new)) for each in changes]


def _spelled(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)

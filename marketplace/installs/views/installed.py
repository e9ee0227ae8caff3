"""The list of what is installed, one installation, and putting it away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from marketplace.browsing import presenting
from marketplace.installs import access, services
from marketplace.installs.blocks import standing_of
from marketplace.installs.homes import home_of
from marketplace.installs.models import Approval, Installation, UpdatePolicy
from marketplace.installs.verifying import Verdict, verify
from marketplace.manifest.reading import read_json
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage


class Installed(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = access.installed().order_by("title")
        return self.render(
            "installs/list.html",
            installations=[(each, home_of(each)) for each in found],
            removed=Installation.objects.filter(undo_until__gt=timezone.now()).defer(*access.LONG).order_by("title"),
            waiting=access.approvals(self.member).filter(state=Approval.State.PENDING),
            may_change=self.member.may(Role.OPERATOR),
        )


class InstallationPage(WorkspacePage):
    def get(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        return self.answer(access.get_installation(installation_id))

    def answer(self, installation: Installation, verdict: Verdict | None = None) -> HttpResponse:
        manifest = read_json(installation.manifest)
        may_change = self.member.may(Role.OPERATOR)
        return self.render(
            "installs/installation.html",
            installation=installation,
            manifest=manifest,
            powers=presenting.powers(manifest),
            blocked=standing_of(installation.version_id, installation.digest, manifest),
            home=home_of(installation),
            pins=installation.pins.defer("manifest", "lock", "copied"),
            policies=UpdatePolicy.choices,
            resolved=_resolved(installation),
            may_change=may_change and installation.is_active,
            may_restore=may_change and _is_restorable(installation),
            verdict=verdict,
        )


class Verify(InstallationPage):
    """The same page with what an examination of the lock has found."""

    def get(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = access.get_installation(installation_id)
        return self.answer(installation, verdict=verify(installation))


class SetUpdatePolicy(WorkspacePage):
    def post(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        chosen = request.POST.get("update_policy", "")
        if chosen not in UpdatePolicy.values:
            raise Invalid("Choose one of the ways in which newer versions come.")
        installation = access.get_installation(installation_id)
        services.set_update_policy(installation=installation, policy=UpdatePolicy(chosen), by=self.member)
        messages.success(request, f"Newer versions of {installation.title} come: {UpdatePolicy(chosen).label.lower()}.")
        return redirect("installs:installation", installation.pk)


class Remove(WorkspacePage):
    def post(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = services.remove_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        messages.success(
            request, f"{installation.title} is removed. Its finished runs stay; until tonight you can undo this."
        )
        return redirect("installs:list")


class Restore(WorkspacePage):
    def post(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = services.restore_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        messages.success(request, f"{installation.title} is back as it was.")
        return redirect("installs:installation", installation.pk)


def _is_restorable(installation: Installation) -> bool:
    until = installation.undo_until
    return not installation.is_active and until is not None and until > timezone.now()


def _resolved(installation: Installation) -> list[tuple[str, str]]:
    """What the lock came to here, for people: models, engines, slots."""
    here = installation.lock.get("here", {})
    models = [("Model", model) for model in dict.fromkeys(here.get("models", {}).values())]
    engines = [("Engine", f"{name} {release}") for name, release in installation.lock.get("engines", {}).items()]
    slots = [(slot, bound["name"]) for slot, bound in installation.bindings.items()]
    swapped = [(f"In place of {gone}", instead or "nothing") for gone, instead in here.get("tools", {}).items()]
    return [*models, *engines, *slots, *swapped]

"""The pages of what is installed: the list, the question what it may do, one installation, putting it away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace.access import find_version
from marketplace.browsing import presenting
from marketplace.installs import access, services
from marketplace.installs.models import Installation
from marketplace.manifest.reading import read_json
from tenants.access import Role
from tenants.pages import WorkspacePage


class Installed(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = access.installed().order_by("title")
        return self.render("installs/list.html", installations=[(each, home_of(each)) for each in found])


class Install(WorkspacePage):
    """Ask before anything is copied: what may it do here, what does it need."""

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        version = find_version(f"{publisher}/{slug}", request.GET.get("version", ""))
        there = access.installed().filter(listing_id=version.listing_id).first()
        manifest = read_json(version.manifest)
        return self.render(
            "installs/new.html",
            listing=version.listing,
            version=version,
            manifest=manifest,
            powers=presenting.powers(manifest),
            needs=presenting.needs(manifest),
            there=there,
            may_install=self.member.may(Role.OPERATOR),
        )

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        version = find_version(f"{publisher}/{slug}", request.POST.get("version", ""))
        installation = services.install_listing(
            version=version, grants=set(request.POST.getlist("grants")), by=self.member
        )
        messages.success(request, f"{installation.title} {installation.semver} is installed.")
        return redirect(home_of(installation))


class InstallationPage(WorkspacePage):
    def get(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = access.get_installation(installation_id)
        manifest = read_json(installation.manifest)
        return self.render(
            "installs/installation.html",
            installation=installation,
            manifest=manifest,
            powers=presenting.powers(manifest),
            home=home_of(installation),
            may_remove=installation.is_active and self.member.may(Role.OPERATOR),
        )


class Remove(WorkspacePage):
    def post(self, request: HttpRequest, installation_id: UUID) -> HttpResponse:
        installation = services.remove_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        messages.success(request, f"{installation.title} is removed. Its finished runs stay.")
        return redirect("installs:list")


def home_of(installation: Installation) -> str:
    """The page of what was installed; if that is gone, the installation's own."""
    if installation.crew_id is not None:
        return reverse("agents:crew", args=[installation.crew_id])
    if installation.scenario_id is not None:
        return reverse("simulations:scenario", args=[installation.scenario_id])
    return reverse("installs:installation", args=[installation.pk])

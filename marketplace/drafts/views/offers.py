"""An own listing: who sees it, which versions are offered, and ending the offer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.drafts.forms import DeprecateForm, ShareForm, VisibilityForm, YankForm
from marketplace.drafts.successors import successor_of
from marketplace.models import Listing, ListingVersion
from marketplace.publishing import services
from marketplace.publishing.access import get_listing, get_version
from tenants.access import Role
from tenants.errors import DomainError
from tenants.models import Tenant
from tenants.pages import WorkspacePage


class ListingPage(WorkspacePage):
    def get(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        return self.show(get_listing(self.member, listing_id))

    def show(self, listing: Listing, *, status: int = 200, **refused: forms.Form) -> HttpResponse:
        holders = Tenant.objects.filter(pk__in=listing.shares.values("tenant_id")).order_by("name")
        return self.render(
            "drafts/listing.html",
            status=status,
            listing=listing,
            versions=listing.versions.defer("manifest").order_by("-created_at"),
            holders=holders,
            visibility=refused.get("visibility") or VisibilityForm(initial={"visibility": listing.visibility}),
            share=refused.get("share") or ShareForm(),
            may_act=self.member.may(Role.ADMIN) and listing.retired_at is None,
        )

    def refuse(self, listing: Listing, name: str, form: forms.Form, refusal: DomainError | None = None) -> HttpResponse:
        if refusal is not None:
            form.add_error(None, refusal.detail)
        return self.show(listing, status=refusal.status if refusal else 422, **{name: form})


class SetVisibility(ListingPage):
    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        listing, form = get_listing(self.member, listing_id), VisibilityForm(request.POST)
        if not form.is_valid():
            return self.refuse(listing, "visibility", form)
        try:
            services.set_visibility(listing=listing, by=self.member, **form.cleaned_data)
        except DomainError as refusal:
            return self.refuse(listing, "visibility", form, refusal)
        messages.success(request, "Who sees it is changed.")
        return redirect("drafts:listing", listing_id)


class Share(ListingPage):
    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        listing, form = get_listing(self.member, listing_id), ShareForm(request.POST)
        if not form.is_valid():
            return self.refuse(listing, "share", form)
        try:
            services.share(listing=listing, by=self.member, **form.cleaned_data)
        except DomainError as refusal:
            return self.refuse(listing, "share", form, refusal)
        messages.success(request, "That workspace may install it now.")
        return redirect("drafts:listing", listing_id)


class Unshare(WorkspacePage):
    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        listing = get_listing(self.member, listing_id)
        services.unshare(listing=listing, workspace=request.POST.get("workspace", ""), by=self.member)
        return redirect("drafts:listing", listing_id)


class Retire(WorkspacePage):
    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        listing = services.retire(listing=get_listing(self.member, listing_id), by=self.member)
        messages.success(request, f"{listing.title} is retired. Whoever installed it keeps it.")
        return redirect("drafts:listing", listing_id)


class OfferPage(WorkspacePage):
    """Deprecate or yank one version: each takes a reason, so each has a page."""

    form: type[forms.Form]
    deed = ""

    def get(self, request: HttpRequest, listing_id: UUID, semver: str) -> HttpResponse:
        return self.ask(get_version(self.member, listing_id, semver), self.form())

    def post(self, request: HttpRequest, listing_id: UUID, semver: str) -> HttpResponse:
        version, form = get_version(self.member, listing_id, semver), self.form(request.POST)
        if not form.is_valid():
            return self.ask(version, form, status=422)
        try:
            self.act(version, form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
            return self.ask(version, form, status=refusal.status)
        return redirect("drafts:listing", listing_id)

    def ask(self, version: ListingVersion, form: forms.Form, *, status: int = 200) -> HttpResponse:
        return self.render(
            "drafts/offer.html", status=status, version=version, listing=version.listing, form=form, deed=self.deed
        )

    def act(self, version: ListingVersion, said: dict[str, Any]) -> None:
        raise NotImplementedError


class Deprecate(OfferPage):
    form = DeprecateForm
    deed = "Deprecate"

    def act(self, version: ListingVersion, said: dict[str, Any]) -> None:
        services.deprecate(
            version=version, reason=said["reason"], successor=successor_of(said["successor"]), by=self.member
        )


class Yank(OfferPage):
    form = YankForm
    deed = "Withdraw the offer of"

    def act(self, version: ListingVersion, said: dict[str, Any]) -> None:
        services.yank(version=version, reason=said["reason"], by=self.member)


class Unyank(WorkspacePage):
    def post(self, request: HttpRequest, listing_id: UUID, semver: str) -> HttpResponse:
        services.unyank(version=get_version(self.member, listing_id, semver), by=self.member)
        return redirect("drafts:listing", listing_id)

"""The figures of a listing, and whether a workspace has a part in them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.browsing.listing_page import ListingPage
from marketplace.evidence import queries, services
from marketplace.evidence.estimating import WouldCost, would_cost
from marketplace.evidence.figures import figures
from tenants.access import Role
from tenants.models import Tenant, User
from tenants.pages import WorkspacePage


class FiguresTab(ListingPage):
    """Real runs beside the platform's evaluation; with `workspace` in the address, what a run would cost there."""

    tab = "figures"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        chosen = self._chosen()
        return self.show(report=queries.newest_report(self.version), chosen=chosen, cost=self._cost(chosen))

    def _chosen(self) -> Tenant | None:
        """One of the reader's own workspaces; anything else chooses nothing."""
        user, slug = self.request.user, self.request.GET.get("workspace", "").replace("\x00", "")
        if not isinstance(user, User) or not slug:
            return None
        mine = Tenant.objects.filter(memberships__user=user, status=Tenant.Status.ACTIVE)
        chosen: Tenant | None = mine.filter(slug=slug).first()
        return chosen

    def _cost(self, chosen: Tenant | None) -> WouldCost | None:
        return would_cost(figures(self.version), chosen) if chosen is not None else None


class ContributionPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(
            "evidence/contribution.html",
            contributes=services.contributes(self.member),
            may_change=self.member.may(Role.ADMIN),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("wanted") == "1"
        services.contribute(wanted=wanted, by=self.member)
        messages.success(request, "Your runs count." if wanted else "Your runs count no more.")
        return redirect("contribution:page")

"""Pages about who is invited to a workspace."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import access, handing, queries, services
from tenants.access import require_admin
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.forms import InvitationForm, show_refusal
from tenants.pages import WorkspacePage
from tenants.services.invitations import FreshInvitation


class InvitationsPage(WorkspacePage):
    """Whom we wait for; inviting somebody by address or by link."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(InvitationForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InvitationForm(request.POST)
        if form.is_valid():
            handing.count_making(self.member)
            try:
                fresh = services.invite(**form.wanted(), by=self.member, home=handing.home_of(request))
            except (Invalid, Conflict, Forbidden) as refusal:
                show_refusal(form, refusal)
            else:
                return self.handed(fresh)
        return self.answer(form, status=422)

    def handed(self, fresh: FreshInvitation) -> HttpResponse:
        """A link is in this one answer and nowhere else."""
        link = handing.hand_over(fresh, self.request)
        if link:
            return self.answer(InvitationForm(), fresh=fresh, link=link)
        messages.success(
            self.request, f"{fresh.row.email} is invited; the mail goes out as soon as the mail server takes it."
        )
        return redirect("tenants:invitations")

    def answer(
        self, form: InvitationForm, *, fresh: FreshInvitation | None = None, link: str = "", status: int = 200
    ) -> HttpResponse:
        require_admin(self.member)
        return self.render(
            "tenants/invitations.html",
            status=status,
            form=form,
            fresh=fresh,
            link=link,
            invitations=queries.pending_invitations_to(self.member.tenant_id),
        )


class RenewInvitationPage(InvitationsPage):
    """Send it again, or make its link anew."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, invitation_id: UUID) -> HttpResponse:  # type: ignore[override]
        invitation = access.get_invitation(self.member, invitation_id)
        handing.count_making(self.member)
        return self.handed(
            services.renew_invitation(invitation=invitation, by=self.member, home=handing.home_of(request))
        )


class RevokeInvitationPage(WorkspacePage):
    def post(self, request: HttpRequest, invitation_id: UUID) -> HttpResponse:
        invitation = access.get_invitation(self.member, invitation_id)
        services.revoke_invitation(invitation=invitation, by=self.member)
        messages.success(request, "The invitation works no more.")
        return redirect("tenants:invitations")

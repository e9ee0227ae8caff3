"""Pages about who belongs to a workspace."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import queries, services
from tenants.access import Role
from tenants.addresses import public_url
from tenants.errors import Conflict, Invalid
from tenants.forms import MemberForm, RoleForm, show_refusal
from tenants.models import Membership
from tenants.pages import WorkspacePage


class MembersPage(WorkspacePage):
    """Who belongs here, and with which role."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(MemberForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MemberForm(request.POST)
        if form.is_valid():
            try:
                added = services.add_member(
                    email=form.cleaned_data["email"], role=Role(form.cleaned_data["role"]), by=self.member
                )
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{added.user.email} is a member now.")
                return redirect("tenants:members")
        return self._answer(form, status=422)

    def _answer(self, form: MemberForm, status: int = 200) -> HttpResponse:
        return self.render(
            "tenants/members.html",
            status=status,
            form=form,
            members=queries.members_of(self.member.tenant_id).order_by("created_at"),
            roles=Role.choices,
            may_manage=self.member.may(Role.ADMIN),
        )


class ChangeRolePage(WorkspacePage):
    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        form = RoleForm(request.POST)
        if not form.is_valid():
            raise Invalid("Choose a role from the list.")
        changed = services.change_role(
            membership_id=membership_id, role=Role(form.cleaned_data["role"]), by=self.member
        )
        messages.success(request, f"{changed.user.email} is {Role(changed.role).label.lower()} now.")
        return redirect("tenants:members")


class RemoveMemberPage(WorkspacePage):
    """Take somebody out, or leave."""

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        leaves = Membership.objects.filter(pk=membership_id, user_id=self.member.user_id).exists()
        services.remove_member(membership_id=membership_id, by=self.member)
        if leaves:
            messages.success(request, f"You have left {self.member.workspace}.")
            return redirect(public_url("/workspaces/"))
        messages.success(
            request, "They are no longer a member; their open pages lose their connection within a minute."
        )
        return redirect("tenants:members")

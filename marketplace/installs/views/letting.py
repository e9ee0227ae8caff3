"""What may be installed here, and requests that wait for an admin."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.installs import access, rules, services
from marketplace.installs.forms import PolicyForm
from marketplace.installs.homes import home_of
from marketplace.installs.models import Approval
from tenants.access import Role
from tenants.pages import WorkspacePage


class Policy(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(PolicyForm.of(rules.current()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return self._answer(form, 422)
        services.change_policy(changes=form.cleaned_data, by=self.member)
        messages.success(request, "From now on this is what may be installed here.")
        return redirect("installs:policy")

    def _answer(self, form: PolicyForm, status: int = 200) -> HttpResponse:
        return self.render(
            "installs/policy.html",
            status=status,
            form=form,
            policy=rules.current(),
            may_change=self.member.may(Role.ADMIN),
        )


class Approvals(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = access.approvals(self.member)
        pending = Approval.State.PENDING
        return self.render(
            "installs/approvals.html",
            waiting=found.filter(state=pending),
            decided=found.exclude(state=pending)[:20],
            may_decide=self.member.may(Role.ADMIN),
        )


class Decide(WorkspacePage):
    """Yes, no, or never mind."""

    def post(self, request: HttpRequest, approval_id: UUID) -> HttpResponse:
        approval = access.get_approval(self.member, approval_id)
        match request.POST.get("decision", ""):
            case "approve":
                made = services.approve(approval=approval, by=self.member)
                messages.success(request, f"{made.title} {made.semver} is installed.")
                return redirect(home_of(made))
            case "withdraw":
                services.withdraw(approval=approval, by=self.member)
                messages.success(request, "The request is taken back.")
            case _:
                services.refuse_request(
                    approval=approval, answer=request.POST.get("answer", "").strip(), by=self.member
                )
                messages.success(request, f"{approval.asked_by} is told that it will not be installed.")
        return redirect("installs:approvals")

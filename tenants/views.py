"""Pages of the public site about one's workspaces, and the choice of colours."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from tenants import queries, services
from tenants.addresses import home_of, public_url
from tenants.errors import Conflict, Invalid
from tenants.forms import WorkspaceForm, show_refusal
from tenants.models import User
from tenants.pages import PublicPage, keep_private

THEMES = ("light", "dark", "system")
YEAR = 365 * 24 * 3600


class SignedInPage(PublicPage):
    """A public page for somebody with an account."""

    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path(), public_url("/accounts/login/"))
        self.user = request.user
        return keep_private(super().dispatch(request, *args, **kwargs))


class WorkspacesPage(SignedInPage):
    """The workspaces one belongs to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        mine = queries.memberships_of(self.user).order_by("tenant__name")
        return self.render("tenants/workspaces.html", memberships=mine)


class NewWorkspacePage(SignedInPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("tenants/new_workspace.html", form=WorkspaceForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WorkspaceForm(request.POST)
        if form.is_valid():
            try:
                tenant = services.create_workspace(**form.cleaned_data, by=self.user)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The workspace {tenant.name} is ready.")
                return redirect(home_of(tenant))
        return self.render("tenants/new_workspace.html", form=form, status=422)


class ThemePage(PublicPage):
    """Remember light, dark or the system's colours in a cookie, for browsers without scripts."""

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("theme", "")
        answer = HttpResponseRedirect(_back(request))  # redirect() would look for a view of this name
        if chosen in THEMES:
            answer.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
        return answer


def _back(request: HttpRequest) -> str:
    """Where the reader came from, if that is on this host."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else public_url("/")

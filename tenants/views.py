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
from tenants.api import limits
from tenants.errors import Conflict, Invalid
from tenants.forms import WorkspaceForm, show_refusal
from tenants.handing import LOOKED_AT, looked_at
from tenants.models import User
from tenants.pages import PublicPage, keep_private
from tenants.proving.keys import digest_of

THEMES = ("light", "dark", "system")
YEAR = 365 * 24 * 3600
LOOKS_PER_HOUR = 600  # from one address, behind which a whole class may sit


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
        return self.render("tenants/workspaces.html", memberships=mine, invitation=looked_at(request))


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


class InvitationPage(PublicPage):
    """What somebody is invited to, for whoever has the secret; taken up by who has signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The address is a secret: no cache keeps it, no other host is told it, and a session remembers its digest alone.

        Its form needs the site's own `Referrer-Policy: same-origin`: under `no-referrer` browsers send it with `Origin: null`, which is refused.
        """
        self.origin = str(limits.origin_of(request.META) or "")
        limits.take_or_refuse("invitation", self.origin, LOOKS_PER_HOUR, window=3600)
        answer = keep_private(super().dispatch(request, *args, **kwargs))
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        return self.show(digest_of(secret))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        return self.accept(digest_of(secret))

    def show(self, digest: str) -> HttpResponse:
        invitation = services.find_invitation(digest)
        user = self.request.user if isinstance(self.request.user, User) else None
        self.request.session[LOOKED_AT] = digest
        is_theirs = user is not None and services.is_for(invitation, user)
        return self.render("tenants/invitation.html", invitation=invitation, is_theirs=is_theirs)

    def accept(self, digest: str) -> HttpResponse:
        if not isinstance(self.request.user, User):
            return redirect_to_login(public_url("/invitations/"), public_url("/accounts/login/"))
        joined = services.accept_invitation(digest=digest, user=self.request.user, address=self.origin)
        self.request.session.pop(LOOKED_AT, None)
        messages.success(self.request, f"You belong to {joined.tenant.name} now.")
        return redirect(home_of(joined.tenant))


class RememberedInvitationPage(InvitationPage):
    """The one that was looked at last in this browser: for whoever had to sign in or sign up first."""

    def get(self, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        return self.show(self._looked_at())

    def post(self, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        return self.accept(self._looked_at())

    def _looked_at(self) -> str:
        return str(self.request.session.get(LOOKED_AT, ""))


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

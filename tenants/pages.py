"""The two doors of the site: public pages, and pages of a workspace."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View

from tenants.access import Member, get_member
from tenants.addresses import public_url
from tenants.api.limits import origin_of

MOST_PAGES = 1_000


class PublicPage(View):
    """A page that everybody may see."""

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, template, context, status=status)


class WorkspacePage(PublicPage):
    """A page of a workspace. `self.member` is who asks; a stranger gets 404."""

    member: Member

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), public_url("/accounts/login/"))
        address = str(origin_of(request.META) or "")
        self.member = get_member(request.user, request.tenant, address=address)  # type: ignore[attr-defined]
        request.member = self.member  # type: ignore[attr-defined]
        return keep_private(super().dispatch(request, *args, **kwargs))

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return super().render(template, status=status, member=self.member, **context)


def page_number(request: HttpRequest) -> int:
    """The page of a list that the address asks for (`?page=`), from 1; what is no number is the first."""
    given = request.GET.get("page", "1")
    return min(max(int(given), 1), MOST_PAGES) if given.isdecimal() and given.isascii() and len(given) < 7 else 1


def keep_private(answer: HttpResponseBase) -> HttpResponseBase:
    """No cache keeps a page of somebody's own, also not the browser's after signing out."""
    answer.setdefault("Cache-Control", "private, no-store")
    return answer

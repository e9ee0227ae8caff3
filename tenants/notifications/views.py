"""The pages of what one has been told, and of which mails one wants."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tenants import queries as people
from tenants.errors import NotFound
from tenants.notifications import queries, services
from tenants.notifications.models import Kind
from tenants.views import SignedInPage

ON_A_PAGE = 30


class ListPage(SignedInPage):
    """Newest first, narrowed by kind, workspace and whether it is read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        kind, workspace = _filters(request)
        only_unread = request.GET.get("unread") == "1"
        rows = queries.narrowed(queries.of(self.user), kind=kind, workspace=workspace, unread=only_unread)
        return self.render(
            "notifications/list.html",
            page=Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
            kinds=Kind.choices,
            workspaces=people.memberships_of(self.user).order_by("tenant__name"),
            chosen={"kind": kind, "workspace": workspace, "unread": only_unread},
            query=_query(kind, workspace, only_unread=only_unread),
        )


class ReadPage(SignedInPage):
    """Mark one as read, or all that the filters leave."""

    def post(self, request: HttpRequest) -> HttpResponse:
        one = request.POST.get("notification", "")
        kind, workspace = _filters(request)
        if one:
            services.mark_read(ids=[_uuid(one)], by=self.user)
        else:
            services.mark_all_read(by=self.user, kind=kind, workspace=workspace)
            messages.success(request, "All of these are marked as read.")
        only_unread = request.GET.get("unread") == "1"
        return HttpResponseRedirect(
            f"{reverse('notifications:list')}{_query(kind, workspace, only_unread=only_unread)}"
        )


class MailPage(SignedInPage):
    """Which kinds of messages also come by mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = queries.wants_mail(self.user)
        return self.render("notifications/mail.html", kinds=[(kind, wanted[kind]) for kind in Kind])

    def post(self, request: HttpRequest) -> HttpResponse:
        given = set(request.POST.getlist("kind"))
        services.choose_mails(wanted=[kind for kind in Kind if kind.value in given], by=self.user)
        messages.success(request, "Your choice is kept.")
        return HttpResponseRedirect(reverse("notifications:mail"))


class Bell(SignedInPage):
    """The bell of the top bar alone, for open pages that heard of something new."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("notifications/_bell.html")


def _filters(request: HttpRequest) -> tuple[str, str]:
    """The kind and the workspace's slug in the address; what is none is left out."""
    kind = request.GET.get("kind", "")
    return (kind if kind in Kind.values else ""), request.GET.get("workspace", "").replace("\x00", "")


def _query(kind: str, workspace: str, *, only_unread: bool) -> str:
    chosen = {"kind": kind, "workspace": workspace, "unread": "1" if only_unread else ""}
    found = urlencode({name: value for name, value in chosen.items() if value})
    return f"?{found}" if found else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such message for you.") from None

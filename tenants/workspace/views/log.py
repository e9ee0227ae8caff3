"""The page of the audit log: who did what to what, when and from where. Only admins see it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict

from tenants import logtable, queries
from tenants.access import require_admin
from tenants.errors import Invalid
from tenants.forms import LogForm
from tenants.pages import WorkspacePage
from tenants.workspace.models import AuditEntry

PER_PAGE = 50


class LogPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        form = self._form()
        if not form.is_valid():
            return self._answer(form, [], status=422)
        entries = queries.newest_first(queries.log(form.wanted()), before=_id(request.GET.get("before", "")))
        return self._answer(form, list(entries[: PER_PAGE + 1]))

    def _form(self) -> LogForm:
        require_admin(self.member)
        return LogForm(self.request.GET, people=dict(self._people()), kinds=queries.kinds_of_deeds())

    def _people(self) -> Iterator[tuple[str, str]]:
        """Whoever is asked for though they have left, and the members."""
        asked = _id(self.request.GET.get("by", ""))
        left = AuditEntry.objects.filter(by_id=asked).order_by("-created_at").first() if asked else None
        if left is not None:
            yield str(left.by_id), left.by_name
        for membership in queries.members_of(self.member.tenant_id).order_by("user__name", "user__email"):
            yield str(membership.user_id), membership.user.get_full_name()

    def _answer(self, form: LogForm, entries: list[AuditEntry], *, status: int = 200) -> HttpResponse:
        asked = _without_cursor(self.request.GET)
        return self.render(
            "tenants/log.html",
            status=status,
            form=form,
            entries=entries[:PER_PAGE],
            older=entries[PER_PAGE - 1].pk if len(entries) > PER_PAGE else None,
            asked=asked.urlencode(),
            narrowed=any(asked.values()),
            is_first="before" not in self.request.GET,
        )


class LogFilePage(LogPage):
    """What the page shows, as a table for a spreadsheet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = self._form()
        if not form.is_valid():
            raise Invalid("A day is written as in 2026-01-31.")
        return logtable.as_file(queries.log(form.wanted()))


def _id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _without_cursor(given: QueryDict) -> QueryDict:
    kept = given.copy()
    kept.pop("before", None)
    return kept

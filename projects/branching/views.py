"""The page that shows two runs side by side."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from projects.access import get_run
from projects.branching.comparing import compare
from projects.branching.family import partners_of
from tenants.errors import NotFound
from tenants.pages import WorkspacePage


class ComparePage(WorkspacePage):
    """`?a=` and `?b=` name the runs; with only the first, the page offers its family and other runs of its crew."""

    def get(self, request: HttpRequest) -> HttpResponse:
        first = get_run(self.member, _id(request.GET.get("a", "")))
        if not request.GET.get("b"):
            return self.render("projects/compare.html", run=first, partners=partners_of(first))
        second = get_run(self.member, _id(request.GET["b"]))
        return self.render("projects/compare.html", run=first, found=compare(first, second))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Name two runs of this workspace.") from None

"""The page “Errors”."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from projects.faults import queries
from projects.faults.classifying import strategy_of
from projects.faults.models import Category
from projects.faults.recovery import of_workspace
from tenants.pages import WorkspacePage, page_number

PER_PAGE = 50
SHOWN = {"": None, "open": False, "recovered": True}


class FaultsPage(WorkspacePage):
    """What went wrong, newest first; whether it was put right, and how."""

    def get(self, request: HttpRequest) -> HttpResponse:
        category = _known(request, "category", Category.values)
        show = _known(request, "show", list(SHOWN))
        page = page_number(request)
        found = queries.faults(category=category or None, recovered=SHOWN[show]).order_by("-created_at", "-id")
        rows = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
        return self.render(
            "faults/faults.html",
            faults=rows[:PER_PAGE],
            has_more=len(rows) > PER_PAGE,
            page=page,
            category=category,
            show=show,
            categories=_tabs(queries.by_category()),
            recovery=of_workspace(),
        )


def _tabs(counts: dict[str, tuple[int, int]]) -> list[dict[str, object]]:
    return [
        {
            "key": category.value,
            "label": category.label,
            "count": counts.get(category, (0, 0))[0],
            "strategy": ", then ".join(strategy_of(category)),
        }
        for category in Category
        if category in counts
    ]


def _known(request: HttpRequest, name: str, values: list[str]) -> str:
    given = request.GET.get(name, "")
    return given if given in values else ""

"""The queue, and taking items from it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace.console import notes
from marketplace.console.forms import CHOICES, view_of
from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries import queue
from marketplace.console.queries.items import items
from marketplace.console.queries.queue import View

PRESETS = (
    ("Everything", ""),
    ("Mine", "whose=mine"),
    ("Overdue", "due=overdue&sort=due"),
    ("Versions", "kind=version"),
    ("Reports", "kind=report"),
    ("Appeals", "kind=appeal"),
    ("Second looks", "kind=retro"),
)


class Queue(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        view = view_of(request.GET)
        found = queue.page(view, self.user.pk)
        return self.show(
            "queue.html",
            view=view,
            page=found,
            items=items(found.tasks),
            presets=PRESETS,
            saved=notes.filters_of(self.user),
            next=view.address(after=found.after),
            selects=_selects(view),
            room=f"/admin/queue/?kind={view.kind}" if view.kind in {"report", "appeal"} else "/admin/queue/",
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep this view under a name, or forget one."""
        view = view_of(request.GET)
        if forget := request.POST.get("forget"):
            notes.forget_filter(name=forget, by=self.user)
        else:
            notes.save_filter(name=request.POST.get("name", ""), query=view.address(), by=self.user)
        return redirect(f"{reverse('admin:console_queue')}?{view.address()}")


def _selects(view: View) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The filters as (name, [(value, label, chosen)])."""
    return [
        (name, [(value, label, getattr(view, name) == value) for value, label in options.items()])
        for name, options in CHOICES.items()
    ]

"""The first page of the console."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries import figures, inflow, queue
from marketplace.console.queries.items import items
from marketplace.console.queries.queue import View

MINE_SHOWN = 10


class Home(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        mine = queue.with_targets(queue.matching(View(whose="mine"), self.user.pk).order_by("due_at", "id"))
        return self.show(
            "home.html",
            mine=items(list(mine[:MINE_SHOWN])),
            waiting=figures.waiting(self.user.pk),
            chart=inflow.chart(inflow.days()),
            month=figures.of_the_month(),
            house=figures.of_the_house(),
        )

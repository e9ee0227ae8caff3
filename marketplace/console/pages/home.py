"""The first page of the console."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries import figures


class Home(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("home.html", house=figures.of_the_house())

"""The page behind a link: one run, read only, for whoever has the address."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from projects.sharing import access
from projects.story import story_of
from tenants.api import limits
from tenants.context import enter
from tenants.pages import PublicPage


class SharedRunPage(PublicPage):
    """No search engine and no cache keeps it, and links in it do not tell where the reader came from."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        caller = limits.address_of(cast(Request, request))
        limits.take_or_refuse("shared", caller, settings.SHARED_REQUESTS_PER_MINUTE)
        with enter(access.get_workspace(token).schema_name):
            link = access.get_shared(token)
            run = link.run
            inputs = dict(run.inputs) if link.shows_inputs else {}
            run.inputs = inputs  # what is not shown is not filled into the tasks' texts either
            story = story_of(run, links=False)
        answer = self.render("projects/shared.html", run=run, story=story, inputs=inputs)
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        answer["Referrer-Policy"] = "no-referrer"
        return answer

"""The page behind a link: one play, read only, for whoever has the address; and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.request import Request

from projects.sharing.access import get_workspace
from simulations import queries, showing
from simulations.library import comparisons, spec_of
from simulations.models import Simulation
from simulations.serializers import FramesOut
from simulations.sharing import access
from tenants.api import limits
from tenants.context import enter
from tenants.pages import PublicPage

LONGEST_NUMBER = 9


class Shared(PublicPage):
    """No search engine and no cache keeps it, and links in it do not tell where the reader came from."""

    http_method_names = ("get", "head")

    def shown(self, request: HttpRequest, token: str, show: Callable[[Simulation], HttpResponse]) -> HttpResponse:
        caller = limits.address_of(cast(Request, request))
        limits.take_or_refuse("shared", caller, settings.SHARED_REQUESTS_PER_MINUTE)
        with enter(get_workspace(token).schema_name):
            answer = show(access.get_shared(token).simulation)
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        answer["Referrer-Policy"] = "no-referrer"
        return answer


class SharedSimulationPage(Shared):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.shown(request, token, self._page)

    def _page(self, simulation: Simulation) -> HttpResponse:
        told = _told(simulation)
        return self.render(
            "simulations/shared.html", simulation=simulation, comparisons=comparisons(simulation), **told
        )


def _told(simulation: Simulation) -> dict[str, Any]:
    """Figures, settings and the sentence of the newest step, in the scenario's words as far as they are known."""
    spec, metrics = spec_of(simulation), simulation.metrics
    if spec is None:
        told = queries.find_hello(simulation)
        return {
            "settings": sorted(simulation.parameters.items()),
            **(showing.from_hello(told, metrics) if told else {}),
        }
    return {
        "figures": showing.figures(spec, metrics) if metrics else [],
        "summary": showing.sentence(spec, metrics) if metrics else "",
        "settings": [
            *showing.settings_in_words(spec, simulation.parameters, live=True),
            *showing.settings_in_words(spec, simulation.parameters, live=False),
        ],
    }


class SharedFrames(Shared):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Pictures from the step `from` on, as at the door of the API."""
        given = request.GET.get("from", "0")
        start = int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else 0
        return self.shown(
            request,
            token,
            lambda play: JsonResponse(FramesOut(queries.pictures(play, start=start, end=None)).data),
        )

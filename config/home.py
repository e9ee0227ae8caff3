"""The first page of a workspace: what runs, what happened, what to do next. Gathered here because every app has a part in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agents.models import Crew, Document
from projects import queries
from projects.models import Run
from tenants.addresses import public_url
from tenants.pages import WorkspacePage

LIVE_SHOWN, RECENT_SHOWN = 5, 8


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a new workspace does on its way to a first result."""

    title: str
    text: str
    url: str
    word: str
    is_done: bool


class HomePage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        recent = list(queries.runs()[:RECENT_SHOWN])
        steps = first_steps()
        return self.render(
            "tenants/dashboard.html",
            figures=queries.figures() if recent else None,
            live=queries.runs().exclude(status__in=Run.ENDED)[:LIVE_SHOWN] if recent else [],
            recent=recent,
            steps=steps,
            next_step=next((step for step in steps if not step.is_done), None),
            steps_done=sum(step.is_done for step in steps),
        )


def first_steps() -> list[Step]:
    crew = Crew.objects.order_by("created_at").first()
    return [
        Step(
            "Install a crew",
            "Choose one from the market. You see what it may do before you say yes.",
            f"{public_url('/market/')}?kind=crew",
            "Open the market",
            crew is not None,
        ),
        Step(
            "Upload a document",
            "A report, a manual, a table: what the crew shall read and quote.",
            reverse("agents:documents"),
            "Upload",
            Document.objects.exists(),
        ),
        Step(
            "Run the crew",
            "Say what it should find out and watch it work, step by step.",
            reverse("agents:crew", args=[crew.pk]) if crew else reverse("agents:crews"),
            "Run it",
            Run.objects.filter(status=Run.Status.SUCCEEDED).exists(),
        ),
    ]

"""A crew's versions: who made which, what differs between two, and bringing one back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents import services
from agents.access import get_crew
from agents.models import Crew, DefinitionVersion
from projects.branching.diffing import Piece, diff
from projects.cards import spoken
from tenants.access import Role
from tenants.pages import WorkspacePage

SHOWN = 100
MOST_DIGITS = 9
SAID = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs: where it stands, and the pieces that lead from what it was to what it is."""

    place: str
    pieces: list[Piece]


class CrewVersionsPage(WorkspacePage):
    """Newest first; `?from=` and `?to=` are compared, without them the newest with the one before."""

    def get(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = get_crew(self.member, crew_id)
        versions = list(_versions(crew)[:SHOWN])
        numbers = [each.number for each in versions]
        new = _number(request, "to", numbers[:1])
        old = _number(request, "from", [number for number in numbers if new is not None and number < new][:1])
        return self.render(
            "agents/crew_versions.html",
            crew=crew,
            versions=versions,
            numbers=numbers,
            old=old,
            new=new,
            changes=None if old is None or new is None else _changes(crew, old, new),
            may_build=self.member.may(Role.OPERATOR),
        )


class RestoreVersionPage(WorkspacePage):
    def post(self, request: HttpRequest, crew_id: UUID, number: int) -> HttpResponse:
        crew = services.restore_crew(crew=get_crew(self.member, crew_id), number=number, by=self.member)
        messages.success(request, f"“{crew.name}” is again as in version {number}; runs that began keep theirs.")
        return redirect("agents:crew-versions", crew_id)


def _versions(crew: Crew) -> Any:
    return DefinitionVersion.objects.filter(kind=DefinitionVersion.Kind.CREW, subject_id=crew.pk).order_by("-number")


def _number(request: HttpRequest, name: str, otherwise: list[int]) -> int | None:
    """What the address names, else what is usual; what is no number counts as not given."""
    given = request.GET.get(name, "")
    if given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS:
        return int(given)
    return next(iter(otherwise), None)


def _changes(crew: Crew, old: int, new: int) -> list[Change]:
    """Raises NotFound where one of the two is not there."""
    before, after = (services.get_version("crew", crew.pk, number).definition for number in (old, new))
    return [
        Change(_place(each.path), diff(_said(each.before), _said(each.after)))
        for each in services.differences(before, after)
    ]


def _place(path: str) -> str:
    """`tasks.write_brief.expected_output` as `Tasks, Write brief, Expected output`."""
    return ", ".join(spoken(part) for part in path.split("."))


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return SAID[value]
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)

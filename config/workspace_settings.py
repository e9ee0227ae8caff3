"""One page that leads to everything that is set up in a workspace. Gathered here because every app has a part in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from tenants.access import Role
from tenants.pages import WorkspacePage


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the settings, the role that changes something there, and the role that sees it at all."""

    name: str
    icon: str
    title: str
    text: str
    role: Role
    reader: Role = Role.VIEWER


ENTRIES = (
    Entry("tenants:members", "users", "Members", "Who belongs to this workspace, and what they may do.", Role.ADMIN),
    Entry("tenants:keys", "key", "API keys", "Keys for programs that run crews from outside.", Role.ADMIN),
    Entry(
        "connections:providers",
        "cpu-chip",
        "Providers",
        "Which models answer, in which order, and how they are doing.",
        Role.ADMIN,
    ),
    Entry("budgets:budgets", "banknotes", "Budget and usage", "What may be spent, what was, and on what.", Role.ADMIN),
    Entry(
        "tools:tools",
        "wrench-screwdriver",
        "Tools",
        "What agents can use, what each touches, and MCP servers.",
        Role.ADMIN,
    ),
    Entry("webhooks:list", "bell-alert", "Webhooks", "Other systems that are told when runs end.", Role.ADMIN),
    Entry(
        "contribution:page",
        "chart-bar",
        "Figures of real runs",
        "Whether your runs count in what the market shows of many.",
        Role.ADMIN,
    ),
    Entry(
        "tenants:log",
        "clipboard-document-list",
        "Audit log",
        "Who did what, when and from where.",
        Role.ADMIN,
        reader=Role.ADMIN,
    ),
    Entry(
        "faults:faults",
        "exclamation-triangle",
        "Errors",
        "What went wrong, in which run, and whether it was mended by itself.",
        Role.VIEWER,
    ),
)


class SettingsPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        seen = [entry for entry in ENTRIES if self.member.may(entry.reader)]
        found = [(entry, url, self.member.may(entry.role)) for entry in seen if (url := _address(entry.name))]
        return self.render("tenants/settings.html", entries=found)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""

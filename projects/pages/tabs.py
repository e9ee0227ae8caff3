"""The tabs of a run's page. Each has an address of its own and works without scripts."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from projects import access, spending
from projects.models import Run, RunEvent
from projects.rendering import render_markdown
from projects.timeline import timeline_of
from tenants.access import Role
from tenants.pages import WorkspacePage

LINES_PER_PAGE = 200
KINDS = {
    "": "Everything",
    "run": "The run",
    "agent": "Agents",
    "model": "Model calls",
    "tool": "Tools",
    "rag": "Documents",
    "budget": "Budget",
}
LONGEST_SEARCH = 100


class RunTab(WorkspacePage):
    """One tab: subclasses name their template and say what is in it."""

    tab = ""
    template = ""

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = access.get_run(self.member, run_id)
        may_run = self.member.may(Role.OPERATOR)
        answer = self.render(self.template, run=run, tab=self.tab, may_run=may_run, **self.content(run))
        add_never_cache_headers(answer)
        return answer

    def content(self, run: Run) -> dict[str, Any]:
        """What the template shows beside the run itself."""
        raise NotImplementedError


class TimelinePage(RunTab):
    tab, template = "timeline", "projects/run_timeline.html"

    def content(self, run: Run) -> dict[str, Any]:
        return {"timeline": timeline_of(run)}


class LogPage(RunTab):
    """Every numbered line, oldest first."""

    tab, template = "log", "projects/run_log.html"

    def content(self, run: Run) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in KINDS else ""
        wanted = self.request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
        found = RunEvent.objects.filter(run=run, seq__gt=self._after()).order_by("seq")
        if kind:
            found = found.filter(type__startswith=f"{kind}.")
        if wanted:
            found = found.filter(data__icontains=wanted)
        lines = list(found[: LINES_PER_PAGE + 1])
        shown = [(line, json.dumps(line.data, ensure_ascii=False, sort_keys=True)) for line in lines[:LINES_PER_PAGE]]
        return {
            "lines": shown,
            "kinds": KINDS.items(),
            "kind": kind,
            "wanted": wanted,
            "next": shown[-1][0].seq if len(lines) > LINES_PER_PAGE else None,
        }

    def _after(self) -> int:
        given = self.request.GET.get("after", "0")
        return int(given) if given.isdecimal() and given.isascii() and len(given) < 10 else 0


class CostsPage(RunTab):
    tab, template = "costs", "projects/run_costs.html"

    def content(self, run: Run) -> dict[str, Any]:
        groups = (("Task", spending.by_task(run)), ("Agent", spending.by_agent(run)), ("Model", spending.by_model(run)))
        return {"groups": groups, "tools": spending.by_tool(run)}


class OutputPage(RunTab):
    tab, template = "output", "projects/run_output.html"

    def content(self, run: Run) -> dict[str, Any]:
        data = "" if run.output_json is None else json.dumps(run.output_json, indent=2, ensure_ascii=False)
        return {"output": render_markdown(run.output) if run.output else "", "data": data}


class OutputFile(WorkspacePage):
    """The output as a file: Markdown, or JSON where the last task has a schema."""

    def get(self, request: HttpRequest, run_id: UUID, form: str) -> HttpResponse:
        run = access.get_run(self.member, run_id)
        if form == "json":
            text, kind = json.dumps(run.output_json, indent=2, ensure_ascii=False), "application/json"
        else:
            text, kind = run.output, "text/markdown; charset=utf-8"
        answer = HttpResponse(text, content_type=kind)
        answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}.{form}"'
        answer["X-Content-Type-Options"] = "nosniff"
        add_never_cache_headers(answer)
        return answer

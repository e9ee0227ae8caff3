"""Going off from a run at one of its tasks, and keeping a run as a test of its crew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.branches.services import branch_from
from agents.definitions import spec_in
from agents.runtimes.checks import INPUT_LIMIT, TEXT_LIMIT
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from agents.trials.services import keep_run
from projects.access import get_run
from projects.models import Run
from tenants.access import require_builder
from tenants.errors import Invalid, NotFound
from tenants.pages import WorkspacePage

TASK = ("description", "expected_output", "llm")
AGENT = ("goal", "backstory", "llm")
LABELS = {
    "description": "What the task says",
    "expected_output": "What shall come out",
    "llm": "Model",
    "goal": "The agent's goal",
    "backstory": "The agent's background",
}
HELP = {
    "task.llm": "Empty: the agent's own.",
    "agent.llm": "Empty: that of the provider which answers.",
    "task.output": "Filled in, the task is not done at all.",
}


class BranchForm(forms.Form):
    """Texts as they were; what is not changed is not sent. A written output stands in place of the task."""

    def __init__(self, run: Run, spec: CrewSpec, task: TaskSpec, data: Any = None) -> None:
        super().__init__(data)
        self.task = task
        self.agent: AgentSpec | None = spec.agent(task.agent) if task.agent else None
        for name, value in run.inputs.items():
            self._add(f"inputs.{name}", f"Input: {name}", str(value), most=INPUT_LIMIT)
        for name in TASK:
            self._add(f"task.{name}", LABELS[name], getattr(task, name))
        if self.agent is not None:
            for name in AGENT:
                label = "The agent's model" if name == "llm" else LABELS[name]
                self._add(f"agent.{name}", label, getattr(self.agent, name))
        self._add("task.output", "Write its output yourself", "")

    def _add(self, key: str, label: str, value: str, *, most: int = TEXT_LIMIT) -> None:
        widget = forms.TextInput() if key.endswith("llm") else forms.Textarea(attrs={"rows": 4})
        self.fields[key] = forms.CharField(
            label=label,
            initial=value,
            max_length=most,
            required=False,
            strip=False,
            widget=widget,
            help_text=HELP.get(key, ""),
        )

    def edits(self) -> dict[str, Any]:
        """What differs from the run."""
        found: dict[str, dict[str, str]] = {"inputs": {}, "task": {}, "agent": {}}
        for key, value in self.cleaned_data.items():
            part, _, name = key.partition(".")
            if _lines(value) != _lines(str(self.fields[key].initial or "")):
                found[part][name] = value
        named: dict[str, Any] = {"inputs": found["inputs"]}
        named["tasks"] = {self.task.name: found["task"]} if found["task"] else {}
        named["agents"] = {self.agent.name: found["agent"]} if self.agent is not None and found["agent"] else {}
        return {name: value for name, value in named.items() if value}

    def show(self, refusal: Invalid) -> None:
        """Put each refusal at the field that it is about."""
        for error in refusal.errors:
            part, _, name = error.field.removeprefix("edits.").rpartition(".")
            key = f"{part.split('.')[0].rstrip('s') if part != 'inputs' else 'inputs'}.{name}"
            self.add_error(key if key in self.fields else None, error.detail)


class BranchPage(WorkspacePage):
    def get(self, request: HttpRequest, run_id: UUID, task: str) -> HttpResponse:
        require_builder(self.member)
        run, form = self._form(run_id, task, None)
        return self._answer(run, form)

    def post(self, request: HttpRequest, run_id: UUID, task: str) -> HttpResponse:
        run, form = self._form(run_id, task, request.POST)
        if form.is_valid():
            try:
                fresh = branch_from(run=run, task=task, edits=form.edits(), by=self.member)
            except Invalid as refusal:
                form.show(refusal)
            else:
                return redirect("projects:run", fresh.pk)
        return self._answer(run, form, status=422)

    def _form(self, run_id: UUID, task: str, data: Mapping[str, Any] | None) -> tuple[Run, BranchForm]:
        run = get_run(self.member, run_id)
        spec = spec_in(run.snapshot)
        found = next((each for each in spec.tasks if each.name == task), None)
        if found is None:
            raise NotFound("This run has no such task.")
        return run, BranchForm(run, spec, found, data)

    def _answer(self, run: Run, form: BranchForm, *, status: int = 200) -> HttpResponse:
        return self.render("agents/branch.html", status=status, run=run, task=form.task, form=form)


class KeepPage(WorkspacePage):
    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        kept = keep_run(
            run=get_run(self.member, run_id), name=request.POST.get("name", "").strip()[:120], by=self.member
        )
        messages.success(request, f"“{kept.name}” is a test of its crew now.")
        return redirect("projects:branches", run_id)


def _lines(text: str) -> str:
    """Browsers send line ends of their own."""
    return text.replace("\r\n", "\n")

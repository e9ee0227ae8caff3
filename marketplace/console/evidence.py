"""The tabs of the workbench: what there is to look at before deciding."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from marketplace.browsing import presenting
from marketplace.checks.models import Finding
from marketplace.console import notes, texts
from marketplace.console.forms.verdict import Finding as Choosable
from marketplace.console.queries.checks import findings_of, newest_run
from marketplace.console.queries.subject import Subject, readable
from marketplace.manifest.comparing import Change, compare
from marketplace.moderation.models import ActivityLog, Decision, Report
from marketplace.sandbox.models import EvaluationRun

MOST_LINES = 200
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tab:
    """`build` makes what the template `console/tab_<name>.html` shows."""

    name: str
    title: str
    build: Callable[[Subject], Context]
    needs_version: bool = True

    @property
    def template(self) -> str:
        return f"console/tab_{self.name}.html"


def listing(subject: Subject) -> Context:
    """As people who browse see it."""
    manifest = subject.manifest
    if manifest is None:
        return {}
    return {
        "manifest": manifest,
        "powers": presenting.powers(manifest),
        "needs": presenting.needs(manifest),
        "inputs": presenting.input_fields(manifest),
        "steps": presenting.steps(manifest),
    }


def difference(subject: Subject) -> Context:
    """To the version that was approved last, power first."""
    before = subject.before
    old = readable(before.manifest) if before is not None else None
    if old is None or subject.manifest is None:
        return {"before": before}
    found = compare(old, subject.manifest)
    rest = (
        ("Inputs", found.inputs),
        ("Limits", found.limits),
        ("Settings", found.settings),
        ("Evaluation", found.evaluation),
        ("Words", found.words),
    )
    shown = [(title, [_as_text(change) for change in changes]) for title, changes in rest if changes]
    return {
        "before": before,
        "difference": found,
        "prompts": [_as_text(change) for change in found.prompts],
        "rest": shown,
    }


def _as_text(change: Change) -> Change:
    return Change(change.path, _text(change.old), _text(change.new))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def prompts(subject: Subject) -> Context:
    """Every string, what a model reads first."""
    return {"chapters": texts.chapters(subject.document)}


def checks(subject: Subject) -> Context:
    return {"run": newest_run(subject.version), "findings": findings_of(subject.version)}


def evaluation(subject: Subject) -> Context:
    """Its own cases as the platform carried them out, beside those of the version before."""
    now = _newest_run(subject.version)
    cases = list(now.cases.order_by("position", "repeat")) if now else []
    return {"run": now, "earlier": _newest_run(subject.before), "before": subject.before, "cases": cases}


def _newest_run(version: Any) -> EvaluationRun | None:
    if version is None:
        return None
    return EvaluationRun.objects.filter(version=version).order_by("-created_at").first()


def reports(subject: Subject) -> Context:
    about = Q()
    if subject.listing is not None:
        about |= Q(listing=subject.listing)
    if subject.publisher is not None:
        about |= Q(publisher=subject.publisher)
    if subject.review is not None:
        about |= Q(review_id=subject.review.pk)
    found = Report.objects.filter(about).order_by("-created_at") if about else Report.objects.none()
    return {"reports": found[:MOST_LINES]}


def history(subject: Subject) -> Context:
    """What was decided and what happened, newest first."""
    keys = [
        row.pk
        for row in (subject.version, subject.listing, subject.publisher, subject.person, subject.workspace)
        if row
    ]
    about = Q(listing=subject.listing) | Q(version__listing=subject.listing) if subject.listing else Q()
    about |= Q(publisher=subject.publisher) if subject.publisher else Q()
    about |= Q(user_id=subject.person.pk) if subject.person else Q()
    about |= Q(tenant_id=subject.workspace.pk) if subject.workspace else Q()
    decisions = Decision.objects.filter(about).order_by("-created_at") if about else Decision.objects.none()
    versions = subject.listing.versions.defer("manifest").order_by("-pk")[:MOST_LINES] if subject.listing else []
    return {
        "decisions": decisions[:MOST_LINES],
        "versions": versions,
        "lines": ActivityLog.objects.filter(target_id__in=keys).order_by("-at")[:MOST_LINES],
    }


def whiteboard(subject: Subject) -> Context:
    return {"notes": notes.notes_on(subject.listing or subject.publisher)}


def review(subject: Subject) -> Context:
    return {"review": subject.review}


TABS = (
    Tab("listing", "Listing", listing),
    Tab("difference", "Difference", difference),
    Tab("prompts", "Prompts", prompts),
    Tab("checks", "Checks", checks),
    Tab("evaluation", "Evaluation", evaluation),
    Tab("reports", "Reports", reports, needs_version=False),
    Tab("history", "History", history, needs_version=False),
    Tab("notes", "Whiteboard", whiteboard, needs_version=False),
)


def tabs_for(subject: Subject) -> list[Tab]:
    """A review is shown before what it is about."""
    tabs = [tab for tab in TABS if subject.version is not None or not tab.needs_version]
    return [Tab("review", "Review", review), *tabs] if subject.review is not None else tabs


def choosable(subject: Subject) -> list[Choosable]:
    """Findings of the checks that may be named as evidence, without those that were false alarms."""
    return [
        Choosable(str(found.pk), found.path, found.evidence, found.message)
        for found in findings_of(subject.version)
        if found.verdict != Finding.Verdict.FALSE
    ]

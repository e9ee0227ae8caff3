"""How far a draft is: which of its six tasks are done, and what each still lacks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from agents.documents import Problem
from marketplace.checks import running
from marketplace.checks.finding import Finding, Report, Severity
from marketplace.drafts.composing import Composed
from marketplace.drafts.models import Draft
from marketplace.manifest.from_workspace import Document
from marketplace.manifest.permissions import Meaning, Permission
from marketplace.manifest.powers import NETWORK, powers_of
from marketplace.publishing.publishers import publisher_of
from projects.cards import spoken
from tenants.access import Member
from tenants.models import Tenant

TASKS = (
    ("what", "What are you publishing?"),
    ("text", "Text of the listing"),
    ("inputs", "Inputs and sample"),
    ("permissions", "Permissions"),
    ("checks", "Checks"),
    ("send", "Review and send"),
)
PLACES = (
    ("inputs", ("inputs", "evaluation", "limits")),
    ("permissions", ("permissions", "requires", "approvals")),
    ("what", ("spec", "kind")),
)
SPOKEN = {"license": "Licence", "categories": "Category", "name": "Address", "data_goes_to": "Who receives data"}
_permission: TypeAdapter[Permission] = TypeAdapter(Permission)


@dataclass(frozen=True, slots=True)
class Step:
    """One task on the list. `state` is done, todo or attention."""

    number: int
    name: str
    title: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is found about the draft, and the task where it is mended."""

    task: str
    severity: str
    sentence: str
    fix: str = ""
    enforced: bool = True


def steps(draft: Draft, found: Composed, remarks: Sequence[Remark]) -> list[Step]:
    """The six tasks; one with a fault in it needs attention, one that was never saved is to do."""
    wrong = {remark.task for remark in remarks if remark.severity == "error" and remark.enforced}
    return [_step(number, name, title, draft, found, wrong) for number, (name, title) in enumerate(TASKS, start=1)]


def _step(number: int, name: str, title: str, draft: Draft, found: Composed, wrong: set[str]) -> Step:
    if name == "what":
        return Step(number, name, title, "attention" if name in wrong else "done", draft.source_name)
    if name == "send":
        return Step(number, name, title, "done" if draft.version_id else "todo")
    if name == "checks":
        state = "attention" if wrong else "done" if found.manifest is not None else "todo"
        return Step(number, name, title, state, "Something is to be mended." if wrong else "")
    if name not in draft.saved:
        return Step(number, name, title, "todo")
    return Step(number, name, title, "attention" if name in wrong else "done")


def remarks_on(found: Composed, member: Member) -> list[Remark]:
    """What is missing for a manifest; where nothing is, what the checks find."""
    if found.manifest is None:
        return [_missing(problem) for problem in found.problems]
    return [_remark(finding) for finding in report_on(found, member).findings]


def report_on(found: Composed, member: Member) -> Report:
    """The checks as they would be made after sending. Only for what is complete."""
    if found.manifest is None:
        return Report(())
    tenant = Tenant.objects.get(pk=member.tenant_id)
    return running.check(found.manifest, publisher=publisher_of(member), tenant=tenant)


def _missing(problem: Problem) -> Remark:
    return Remark(task_of(problem.field), "error", f"{_said(problem.field)}: {problem.detail}")


def _said(path: str) -> str:
    """A place as people call it: `metadata.license` is the licence."""
    name = path.removeprefix("metadata.").removeprefix("disclosure.")
    return SPOKEN.get(name) or spoken(name)


def _remark(finding: Finding) -> Remark:
    where = f"{finding.path}: " if finding.path else ""
    severity = Severity(finding.severity).value
    return Remark(task_of(finding.path), severity, f"{where}{finding.message}", finding.fix, finding.enforced)


def task_of(path: str) -> str:
    """The task in which what stands at `path` of the manifest is said."""
    top = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    return next((task for task, tops in PLACES if top in tops), "text")


def asked(document: Document) -> list[tuple[dict[str, object], Meaning]]:
    """The permissions of a document with what they mean; what is none yet is left out."""
    return [(each, meaning) for each in document["permissions"] if (meaning := _meaning(each))]


def _meaning(permission: dict[str, object]) -> Meaning | None:
    try:
        said = {**permission, "why": permission.get("why") or "-"}
        return _permission.validate_json(json.dumps(said)).meaning()
    except ValidationError:
        return None


def needs_hosts(found: Composed) -> bool:
    """Whether something in it reaches hosts that only the author can name."""
    return any(NETWORK in powers_of(tool) for tool in found.document["requires"].get("tools", ()))


def by_task(remarks: Iterable[Remark], task: str) -> list[Remark]:
    return [remark for remark in remarks if remark.task == task]

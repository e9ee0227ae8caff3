"""What the agents of a run tried without leave: in its story, in its record, and told to who has to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from agents.execution.telling_admins import tell_admins
from agents.runtimes.outcome import User
from agents.tools.permissions import Trespass
from projects import metrics
from projects.ledger import Ledger, RunStopped
from projects.models import PermissionViolation, Run
from tenants.context import current_schema
from tenants.models import Tenant
from tenants.provenance.models import ViolationReport

MOST = 3
"""After so many attempts the run ends: one may be a mistake of a model."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt, before it is stored beside its line. `made_from` are the manifests that answer for it."""

    run: UUID
    task: str
    agent: str
    trespass: Trespass
    made_from: tuple[str, ...]

    @classmethod
    def store(cls, entries: Sequence[Self], /) -> None:
        """For the ledger, in its transaction: the workspace keeps what was tried, the platform hears of its kind."""
        PermissionViolation.objects.bulk_create(each.row() for each in entries)
        tenant = Tenant.objects.get(schema_name=current_schema())
        reports = [report for each in entries for report in each.reports(tenant)]
        ViolationReport.objects.bulk_create(reports, ignore_conflicts=True)
        for run in {each.run for each in entries}:
            tell_admins(run, next(each.trespass for each in entries if each.run == run), tenant)

    def row(self) -> PermissionViolation:
        found = self.trespass
        return PermissionViolation(
            run_id=self.run,
            task=self.task[:120],
            agent=self.agent[:120],
            kind=found.kind,
            code=found.code[:300],
            tried=found.tried[:1000],
        )

    def reports(self, tenant: Tenant) -> list[ViolationReport]:
        return [
            ViolationReport(digest=digest, tenant_id=tenant.pk, run_id=self.run, code=self.trespass.kind)
            for digest in self.made_from
        ]


class Trespasses:
    """The attempts of one run."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._count = 0

    def note(self, trespass: Trespass, user: User, made_from: tuple[str, ...]) -> None:
        """Keep an attempt; nothing of it was done. The third ends the run at its next step."""
        at = {"task": user.task, "agent": user.agent}
        self._ledger.emit(
            "permission.violation", **at, permission=trespass.kind, code=trespass.code, detail=trespass.tried
        )
        self._ledger.beside(Tried(self._ledger.run_id, user.task, user.agent, trespass, made_from))
        metrics.PERMISSION_VIOLATIONS.labels(trespass.kind).inc()
        self._count += 1
        if self._count >= MOST:
            self._ledger.halt(_stopped(f"It tried {MOST} times what it was not allowed to. Last: {trespass.tried}"))

    def end(self, trespass: Trespass, user: User, made_from: tuple[str, ...]) -> RunStopped:
        """Keep an attempt after which the run cannot go on; raise what comes back."""
        self.note(trespass, user, made_from)
        return _stopped(trespass.tried)


def _stopped(detail: str) -> RunStopped:
    return RunStopped(Run.Status.FAILED, "permission", detail)

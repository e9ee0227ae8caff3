"""A version's evaluation: its cases side by side in the sandbox, until the last one has its verdict."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from agents.services import answered_by
from marketplace.manifest.envelope import Manifest, ToolManifest
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from marketplace.sandbox.carrying import Script, carry_on
from marketplace.sandbox.intervals import percentile, wilson
from marketplace.sandbox.models import EvaluationCase, EvaluationRun
from marketplace.sandbox.results import Result
from marketplace.sandbox.suites import SuiteCase, faults, suite_of
from tenants.access import Member

AT_ONCE = 4
STILL_SECONDS = 60
NOTABLY = 0.1
State = EvaluationRun.State


def latest(version: ListingVersion) -> EvaluationRun | None:
    """The newest evaluation of this version as it is now, finished or not."""
    return EvaluationRun.objects.filter(version=version, digest=version.digest).order_by("-created_at").first()


@transaction.atomic
def evaluation_for(version: ListingVersion) -> EvaluationRun:
    """The evaluation of this version with its cases; made when there is none. The caller holds the version's lock."""
    there = latest(version)
    if there is not None:
        return there
    suite = suite_of(read_json(version.manifest))
    made = EvaluationRun.objects.create(
        version=version, digest=version.digest, suite=suite.digest, threshold=suite.threshold
    )
    EvaluationCase.objects.bulk_create(
        EvaluationCase(
            evaluation=made, position=n, name=case.name, repeat=repeat, weight=case.weight, inputs=case.inputs
        )
        for n, case in enumerate(suite.cases)
        for repeat in range(1, suite.repeats + 1)
    )
    return made


def advance(evaluation: EvaluationRun, *, by: Member) -> EvaluationRun:
    """Look at every case once, in the sandbox's schema. Safe to be done twice or begun again: each case has its own lock."""
    manifest = read_json(evaluation.version.manifest)
    evaluation = _begun(evaluation, manifest)
    if evaluation.has_ended:
        return evaluation
    suite = suite_of(manifest)
    open_cases = evaluation.cases.filter(state__in=["waiting", "running"]).order_by("-state", "position", "repeat")
    usd = min(suite.usd, settings.SANDBOX_MOST_USD) / max(1, evaluation.cases.count())
    for case in open_cases[:AT_ONCE]:
        _look(case, manifest, suite.cases[case.position], usd, by)
    return _settled(evaluation)


@transaction.atomic
def _begun(evaluation: EvaluationRun, manifest: Manifest) -> EvaluationRun:
    evaluation = EvaluationRun.objects.select_for_update(of=("self",)).select_related("version").get(pk=evaluation.pk)
    if evaluation.state != State.WAITING:
        return evaluation
    evaluation.started_at = timezone.now()
    if reason := _why_not(manifest):
        evaluation.note, evaluation.ended_at = reason, evaluation.started_at
        evaluation.move_to(State.SKIPPED)
    else:
        evaluation.move_to(State.RUNNING)
    evaluation.save()
    return evaluation


def _why_not(manifest: Manifest) -> str:
    """Why the cases cannot be tried here; empty when they can. A model that answers otherwise than any real one proves nothing."""
    if isinstance(manifest, ToolManifest):
        return "A tool does nothing by itself; there are no cases to try."
    if not manifest.offline and answered_by().is_offline:
        return "It needs a language model, and the sandbox of this installation has none."
    return ""


@transaction.atomic
def _look(case: EvaluationCase, manifest: Manifest, tried: SuiteCase, usd: float, by: Member) -> None:
    case = EvaluationCase.objects.select_for_update(of=("self",)).get(pk=case.pk)

    def judge(result: Result) -> None:
        case.findings = faults(tried, result)
        case.passed = not case.findings

    carry_on(case, Script(manifest, tried.inputs, tried.documents, usd, judge), by=by)


@transaction.atomic
def _settled(evaluation: EvaluationRun) -> EvaluationRun:
    """Close the evaluation when every case has its verdict; until then say what holds it up."""
    evaluation = EvaluationRun.objects.select_for_update(of=("self",)).select_related("version").get(pk=evaluation.pk)
    cases = list(evaluation.cases.all())
    if evaluation.has_ended:
        return evaluation
    if any(not case.has_ended for case in cases):
        _note_standstill(evaluation, cases)
        return evaluation
    _sum_up(evaluation, cases)
    evaluation.note, evaluation.ended_at = "", timezone.now()
    evaluation.move_to(State.DONE)
    evaluation.save()
    return evaluation


def _note_standstill(evaluation: EvaluationRun, cases: list[EvaluationCase]) -> None:
    moved = max((case.updated_at for case in cases if case.state != "waiting"), default=evaluation.created_at)
    still = (timezone.now() - moved).total_seconds() > STILL_SECONDS
    note = "The sandbox has had no free worker for a while. It goes on by itself; nothing is lost." if still else ""
    if note != evaluation.note:
        EvaluationRun.objects.filter(pk=evaluation.pk).update(note=note)
        evaluation.note = note


def _sum_up(evaluation: EvaluationRun, cases: list[EvaluationCase]) -> None:
    evaluation.n, evaluation.passed = len(cases), sum(bool(case.passed) for case in cases)
    evaluation.pass_rate = evaluation.passed / evaluation.n
    evaluation.ci_low, evaluation.ci_high = wilson(evaluation.passed, evaluation.n)
    weights = sum(case.weight for case in cases)
    evaluation.score = sum(case.weight for case in cases if case.passed) / weights
    evaluation.cost = evaluation.cases.aggregate(sum=Sum("cost"))["sum"] or evaluation.cost
    evaluation.provider = next((case.provider for case in cases if case.provider), "")
    evaluation.model = next((case.model for case in cases if case.model), "")
    for name in ("cost", "seconds", "tokens"):
        measured = [float(getattr(case, name)) for case in cases if case.state == "done"]
        setattr(evaluation, f"{name}_p50", percentile(measured, 0.5))
        setattr(evaluation, f"{name}_p95", percentile(measured, 0.95))


def is_worse(evaluation: EvaluationRun, live: EvaluationRun | None) -> bool:
    """Whether it does notably worse than the version on the market, or worse than chance would explain."""
    if live is None or live.pass_rate is None or live.ci_low is None or evaluation.pass_rate is None:
        return False
    return evaluation.pass_rate < max(live.pass_rate - NOTABLY, live.ci_low)

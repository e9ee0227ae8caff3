from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from marketplace.checks.models import CheckRun, Finding
from marketplace.models import Publisher
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.queries import figures
from marketplace.moderation.services import appeal, decide, decide_appeal
from tenants.models import User
from tests.moderation.conftest import APPROVE, against, version_of, waiting

Action = Decision.Action


def test_how_it_is_going(publisher: Publisher, moderator: User, senta: User, mallory: User) -> None:
    tasks = [waiting(version_of(publisher)) for _ in range(4)]
    now = timezone.now()
    for task, hours in zip(tasks, (1, 3, 5, 100), strict=True):
        ReviewTask.objects.filter(pk=task.pk).update(created_at=now - timedelta(hours=hours))
    ReviewTask.objects.filter(pk=tasks[3].pk).update(due_at=now - timedelta(hours=1))
    decide(tasks[0], verdict=APPROVE, by=moderator)
    against_it = decide(tasks[1], verdict=against(Action.REJECT), by=moderator)
    decide(tasks[2], verdict=against(Action.REQUEST_CHANGES), by=moderator)
    assert against_it.appeal_token is not None
    made = appeal(against_it.appeal_token, by=mallory, text="No.")
    decide_appeal(made.pk, overturn=True, answer="True.", by=senta)
    open_now = figures.waiting()
    assert (open_now.depth, open_now.overdue, open_now.by_kind) == (2, 1, {"version": 2})  # the overturned one is back
    assert open_now.oldest is not None
    assert open_now.oldest >= timedelta(hours=100)
    went = figures.going()
    assert (went.came, went.adverse, went.appealed, went.overturned) == (6, 2, 1, 1)
    assert (went.appeal_rate, went.reversal_rate) == (0.5, 1.0)
    assert went.first_decision_p50 is not None
    assert went.first_decision_p90 is not None
    assert timedelta(hours=1) < went.first_decision_p50 < timedelta(hours=3) < went.first_decision_p90
    assert sum(figures.decisions_per_day().values()) == 4


def test_a_rule_that_is_often_wrong_leads(publisher: Publisher, moderator: User) -> None:
    version = version_of(publisher)
    run = CheckRun.objects.create(version=version, digest=version.digest, passed=True, release="1", seconds=0.1)
    for code, verdict in (("secret.aws", "true_positive"), ("injection.words", "false_positive"), ("injection.words", "true_positive"), ("name.like", "")):  # fmt: skip
        judged = {"verdict_by_id": moderator.pk, "verdict_at": timezone.now()} if verdict else {}
        Finding.objects.create(
            run=run, code=code, severity="warning", message="m", fix="f", enforced=False, verdict=verdict, **judged
        )
    assert [(rule.code, rule.found, rule.false_rate) for rule in figures.rules()] == [
        ("injection.words", 2, 0.5), ("name.like", 1, None), ("secret.aws", 1, 0.0),
    ]  # fmt: skip

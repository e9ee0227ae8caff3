from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

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
    decide(tasks[0], verdict=APPROVE, by=moderator)
    against_it = decide(tasks[1], verdict=against(Action.REJECT), by=moderator)
    decide(tasks[2], verdict=against(Action.REQUEST_CHANGES), by=moderator)
    assert against_it.appeal_token is not None
    made = appeal(against_it.appeal_token, by=mallory, text="No.")
    decide_appeal(made.pk, overturn=True, answer="True.", by=senta)
    went = figures.going()
    assert (went.came, went.adverse, went.appealed, went.overturned) == (6, 2, 1, 1)
    assert (went.appeal_rate, went.reversal_rate) == (0.5, 1.0)
    assert went.first_decision_p50 is not None
    assert went.first_decision_p90 is not None
    assert timedelta(hours=1) < went.first_decision_p50 < timedelta(hours=3) < went.first_decision_p90

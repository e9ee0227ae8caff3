"""When somebody has to look at an open question again: for its reminder, and at its deadline.

Both stand in the queue of record with their moments, so that nobody has to look through all workspaces for what is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from projects.asking.words import ACTIONS, Ask
from projects.models import Question, Run
from projects.work import queue
from tenants.clock import database_now

REMINDER = "question.reminder"
DEADLINE = "question.deadline"
QUEUE = "upkeep"
LEAST_SECONDS = 1
MOST_SECONDS = 90 * 86_400


class Times(NamedTuple):
    """How long a question stays open, and what happens then."""

    deadline_at: datetime
    remind_at: datetime
    at_deadline: Question.AtDeadline
    default: dict[str, Any] | None


def times_of(run: Run, ask: Ask) -> Times:
    """From the question itself, else from the `waiting` of its task, else from the settings."""
    own = _waiting_of(run, ask.task)
    seconds = _seconds(ask.details.get("seconds") or own.get("seconds") or settings.QUESTION_SECONDS)
    wanted = str(ask.details.get("at_deadline") or own.get("at_deadline") or Question.AtDeadline.FAIL)
    default = _answer(ask, ask.details.get("default", own.get("default")))
    now = database_now()
    deadline_at, remind_at = now + timedelta(seconds=seconds), now + timedelta(seconds=seconds / 2)
    return Times(deadline_at, remind_at, _possible(ask, wanted, default), default)


def wake_for(question: Question) -> None:
    """Have the question looked at at its moments, in the caller's transaction."""
    now = database_now()
    for kind, due in ((REMINDER, question.remind_at), (DEADLINE, question.deadline_at)):
        if due is not None:
            after = (due - now).total_seconds()
            queue.enqueue(kind=kind, object_id=question.pk, queue=QUEUE, after=max(after, 0.0))


def let_rest(question: Question) -> None:
    """Nobody needs to look at it any more."""
    for kind in (REMINDER, DEADLINE):
        queue.withdraw(kind=kind, object_id=question.pk)


def _waiting_of(run: Run, name: str) -> Mapping[str, Any]:
    tasks: list[Mapping[str, Any]] = run.snapshot.get("tasks", [])
    task = next((task for task in tasks if isinstance(task, dict) and task.get("name") == name), {})
    return task.get("waiting") or {}


def _seconds(wanted: float) -> float:
    return min(max(float(wanted), LEAST_SECONDS), MOST_SECONDS)


def _answer(ask: Ask, default: Any) -> dict[str, Any] | None:
    if default is None or default == "":
        return None
    if isinstance(default, dict) and "action" in default:
        return {"action": default["action"], "text": default.get("text", ""), "data": default.get("data")}
    action = "value" if ask.kind == "input" else "edit"
    text = default if isinstance(default, str) else ""
    return {"action": action, "text": text, "data": None if isinstance(default, str) else default}


def _possible(ask: Ask, wanted: str, default: dict[str, Any] | None) -> Question.AtDeadline:
    """What cannot be used (no default, an answer that does not fit the question) is not: then the run fails at the deadline."""
    answered = {
        Question.AtDeadline.APPROVE: "approve",
        Question.AtDeadline.DEFAULT: default and default["action"],
    }
    fits = wanted in answered and answered[Question.AtDeadline(wanted)] in ACTIONS[ask.kind]
    return Question.AtDeadline(wanted) if fits else Question.AtDeadline.FAIL

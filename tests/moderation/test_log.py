from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from marketplace.moderation import activity
from marketplace.moderation.actors import SYSTEM, moderator
from marketplace.moderation.models import ActivityLog
from marketplace.moderation.queries.log import broken_line
from tenants.models import User


@pytest.fixture
def lines(moderator: User) -> list[ActivityLog]:
    written = [activity.record(f"deed.{n}", moderator, by=SYSTEM, number=n) for n in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as a commit does
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return written


def test_lines_are_numbered_and_chained(lines: list[ActivityLog]) -> None:
    found = list(ActivityLog.objects.order_by("seq"))[-3:]
    assert [line.action for line in found] == ["deed.0", "deed.1", "deed.2"]
    assert [line.prev_hash for line in found[1:]] == [line.hash for line in found[:2]]
    assert all(len(line.hash) == 64 for line in found)
    assert broken_line() is None
    told = StringIO()
    call_command("verify_activity", stdout=told)
    assert told.getvalue() == f"{found[-1].seq} lines, all as they were written.\n"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_activitylog SET actor_name = 'Nobody'",
        "UPDATE moderation_activitylog SET seq = seq + 100, prev_hash = '', hash = ''",
        "DELETE FROM moderation_activitylog",
        "TRUNCATE moderation_activitylog",
    ],
)
def test_nothing_in_it_changes_or_goes(lines: list[ActivityLog], statement: str) -> None:
    before = list(ActivityLog.objects.order_by("seq").values_list("hash", flat=True))
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(ActivityLog.objects.order_by("seq").values_list("hash", flat=True)) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_activitylog SET detail = '{}' WHERE action = 'deed.1'",
        "DELETE FROM moderation_activitylog WHERE action = 'deed.1'",
    ],
)
def test_who_goes_round_the_triggers_is_found_out(lines: list[ActivityLog], statement: str) -> None:
    numbers = dict(ActivityLog.objects.values_list("action", "seq"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE moderation_activitylog DISABLE TRIGGER ALL")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE moderation_activitylog ENABLE TRIGGER ALL")
    found = broken_line()
    assert found == numbers["deed.1" if statement.startswith("UPDATE") else "deed.2"]
    with pytest.raises(CommandError, match=f"Line {found} is not as it was written"):
        call_command("verify_activity")


def test_a_made_up_number_is_not_taken(moderator: User) -> None:
    line = ActivityLog(at=moderator.date_joined, action="x", actor_kind="system", actor_name="x", seq=7, hash="f" * 64)
    line.save(force_insert=True)
    line.refresh_from_db()
    assert (line.seq, line.hash) == (None, "")


def test_a_person_is_named() -> None:
    assert moderator(User(name="", email="m@x.example")).name == "m@x.example"

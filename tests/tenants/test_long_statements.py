"""A statement that does not end holds no thread for ever: who serves people gives up first."""

from __future__ import annotations

import sys
from importlib import util

import pytest
from django.db import OperationalError, connection

from config.settings import base
from config.stack import paths


def options_of_settings() -> str:
    spec = util.spec_from_file_location(
        "settings_of_this_command", paths.CHECKOUT / "config" / "settings" / "database.py"
    )
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(read := util.module_from_spec(spec))
    return str(read.DATABASES["default"]["OPTIONS"]["options"])


@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        (["/srv/guildhall/config/stack/web.py", "--fd", "4"], 15),
        (["/usr/bin/uvicorn", "config.asgi:application"], 15),
        (["/venv/lib/celery/__main__.py", "-A", "config", "worker"], 60),
        (["manage.py", "migrate"], 0),
    ],
)
def test_how_long_a_statement_may_take(command: list[str], seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(base, "TESTING", False)  # tests are more patient
    assert options_of_settings().endswith(f" -c statement_timeout={seconds}s")


def test_what_is_given_up_counts_as_a_database_that_does_not_answer(db: None) -> None:
    """Doors answer an OperationalError with 503 and when to come back."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10ms'")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(60)")

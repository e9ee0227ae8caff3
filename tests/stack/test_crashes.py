"""Deaths that nobody announced."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import urllib.error
from collections.abc import Callable
from pathlib import Path

import psycopg

from config.stack import paths
from tests.stack.conftest import Stack, fetch, processes_of, wait_until

Start = Callable[..., Stack]


def test_a_dying_child_is_started_again_behind_the_same_port(start: Start) -> None:
    stack = start()
    url = stack.wait_until_up()
    before = fetch(url)
    with contextlib.suppress(urllib.error.URLError, ConnectionError):
        fetch(f"{url}/die")
    after = fetch(url)
    assert after != before
    stack.wait_for("web ended with exit status 3; starting it again in 0.5 s.")


def test_postgres_comes_back_with_its_rows(start: Start) -> None:
    stack = start()
    stack.wait_until_up()
    url = paths.current(stack.data).database_url()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    os.kill(stack.children()["postgres"], signal.SIGKILL)
    stack.wait_for("postgres ended with signal SIGKILL; starting it again in 0.5 s.")

    def is_back() -> bool:
        try:
            with psycopg.connect(url) as connection:
                return connection.execute("SELECT count(*) FROM kept").fetchall() == [(1000,)]
        except psycopg.OperationalError:
            return False

    wait_until(is_back)


def test_a_child_that_keeps_dying_ends_it_all_with_a_sentence(start: Start) -> None:
    stack = start("--sleeper", "print('no bed'); raise SystemExit(4)")
    stack.wait_until_up()
    stack.wait_for("sleeper ended 5 times in a row, at last with exit status 4; giving up.")
    stack.wait_for("no bed")
    assert stack.process.wait(120) == 1
    assert processes_of(stack.data) == []


def test_a_killed_supervisor_leaves_no_process(start: Start) -> None:
    stack = start()
    stack.wait_until_up()
    assert len(processes_of(stack.data)) >= 5
    stack.end(signal.SIGKILL)
    wait_until(lambda: processes_of(stack.data) == [])


def test_the_next_start_after_that_works_at_once(start: Start) -> None:
    first = start()
    first.wait_until_up()
    first.end(signal.SIGKILL)
    second = start()
    assert fetch(second.wait_until_up()).isdigit()


def test_a_lock_file_of_postgres_that_names_a_living_stranger_is_no_obstacle(start: Start) -> None:
    first = start()
    first.wait_until_up()
    first.end()
    layout = paths.current(first.data)
    stale = f"{os.getpid()}\n{layout.postgres}\n1700000000\n5432\n{layout.sockets}\n\n  0 0\nready\n"
    (layout.postgres / "postmaster.pid").write_text(stale)
    (layout.sockets / ".s.PGSQL.5432.lock").write_text(stale)
    second = start()
    second.wait_until_up()


def test_a_lock_file_of_a_dead_owner_is_no_obstacle(start: Start, place: Path) -> None:
    (place / "data").mkdir()
    (place / "data" / "lock").write_text('{"pid": 4194000, "url": "http://127.0.0.1:8000"}')
    start(new=True).wait_until_up()


def test_half_a_cluster_is_made_anew(start: Start) -> None:
    first = start()
    first.wait_until_up()
    first.end()
    layout = paths.current(first.data)
    (layout.postgres / "PG_VERSION").unlink()
    shutil.rmtree(layout.postgres / "base")
    second = start()
    second.wait_until_up()
    assert "Preparing the database …" in second.said


def test_a_closed_terminal_ends_it(start: Start) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    stack = start()
    signal.signal(signal.SIGHUP, before)
    stack.wait_until_up()
    stack.end(signal.SIGHUP)
    assert processes_of(stack.data) == []


def test_with_nohup_it_outlives_the_terminal(start: Start) -> None:
    stack = start(prefix=("nohup",))
    url = stack.wait_until_up()
    stack.process.send_signal(signal.SIGHUP)
    assert fetch(url).isdigit()
    assert stack.end(signal.SIGTERM) == 0

"""Starting, working, ending: what a person at a terminal meets."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from config.stack import paths
from tests.stack.conftest import Stack, fetch, processes_of

Start = Callable[..., Stack]


def wait_for_log(log: Path, words: str) -> None:
    """A child is up when it runs; what it says may come a moment later."""
    end = time.monotonic() + 120
    while not log.exists() or words not in log.read_text():
        assert time.monotonic() < end, f"{log} never said {words!r}"
        time.sleep(0.05)


def test_it_serves_until_asked_to_stop(start: Start) -> None:
    stack = start()
    url = stack.wait_until_up()
    assert fetch(url).isdigit()
    assert stack.end(signal.SIGTERM) == 0
    assert processes_of(stack.data) == []


def test_ctrl_c_is_a_stop_too(start: Start) -> None:
    stack = start()
    stack.wait_until_up()
    assert stack.end(signal.SIGINT) == 0
    stack.wait_for("Stopped; nothing is left running.")
    assert processes_of(stack.data) == []


def test_a_second_start_finds_everything_again(start: Start) -> None:
    first = start(new=True)
    first.wait_until_up()
    with psycopg.connect(paths.current(first.data).database_url()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('lantern')")
    first.end()
    second = start()
    second.wait_until_up()
    assert "Preparing the database …" in first.said
    assert "Preparing the database …" not in second.said
    with psycopg.connect(paths.current(second.data).database_url()) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("lantern",)]


@pytest.mark.parametrize("status", [0, 7])
def test_once_ends_with_the_status_of_its_job(start: Start, status: int) -> None:
    stack = start("--job", f"raise SystemExit({status})")
    assert stack.process.wait(120) == status
    assert processes_of(stack.data) == []


def test_a_stop_during_the_job_ends_the_job(start: Start) -> None:
    stack = start("--job", "import time; print('busy', flush=True); time.sleep(1000)")
    stack.wait_for("busy")
    assert stack.end(signal.SIGINT) == 130
    assert processes_of(stack.data) == []


def test_a_second_ctrl_c_does_not_wait_for_a_stubborn_child(start: Start) -> None:
    stubborn = "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGTERM, signal.SIGQUIT)]; print('deaf', flush=True); time.sleep(1000)"
    stack = start("--sleeper", stubborn)
    stack.wait_until_up()
    wait_for_log(stack.data / "logs" / "sleeper.log", "deaf")
    stack.process.send_signal(signal.SIGINT)
    with pytest.raises(Exception, match="timed out"):
        stack.process.wait(2)
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(120) == 0
    assert processes_of(stack.data) == []


def test_the_logs_are_in_the_data_directory(start: Start) -> None:
    stack = start("--sleeper", "import time; print('I sleep', flush=True); time.sleep(1000)")
    stack.wait_until_up()
    wait_for_log(stack.data / "logs" / "sleeper.log", "I sleep\n")
    stack.end()
    assert (stack.data / "logs" / "sleeper.log").read_text() == "I sleep\n"
    assert (stack.data / "logs" / "migrate.log").read_text() == "migrated\n"


def test_a_child_that_never_comes_up_is_shown_by_its_own_words(start: Start, place: Path) -> None:
    stack = start(env={"TESTS_STACK_BROKEN_WEB": "1"})
    assert stack.process.wait(120) == 1
    stack.wait_for("web ended with exit status 9. The end of")
    stack.wait_for("the roof is missing")
    assert processes_of(place) == []

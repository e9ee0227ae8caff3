"""What a person is told who asks, or who lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.stack.paths import CHECKOUT


def _doctor(**env: str) -> subprocess.CompletedProcess[str]:
    own = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY"}
    }
    command = [sys.executable, "manage.py", "doctor"]
    return subprocess.run(command, cwd=CHECKOUT, env={**own, **env}, capture_output=True, text=True, check=False)


def test_a_sound_installation_has_only_ticks(place: Path) -> None:
    answer = _doctor(GUILDHALL_DATA=str(place / "data"), OLLAMA_URL="http://127.0.0.1:9")
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"✓ {subject}"
        for subject in ("Python", "Packages", "Data directory", "PostgreSQL", "Valkey", "Running", "Port", "Model")
    ]
    assert lines[5] == "✓ Running: not yet started here"
    assert "Ollama does not answer at http://127.0.0.1:9" in lines[7]


def test_a_database_that_does_not_answer_is_named(place: Path) -> None:
    answer = _doctor(GUILDHALL_DATA=str(place / "data"), DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert answer.returncode == 1
    assert "✗ PostgreSQL: DATABASE_URL does not answer: connection failed" in answer.stdout


def test_a_place_that_cannot_be_written_is_named() -> None:
    answer = _doctor(GUILDHALL_DATA="/proc/guildhall", SECRET_KEY="given, so that the settings need no place for one")
    assert answer.returncode == 1
    assert "✗ Data directory: /proc cannot be written; set GUILDHALL_DATA to a place that can." in answer.stdout


@pytest.fixture
def clone(place: Path) -> Path:
    """As much of a checkout as `make` looks at, without an environment."""
    (place / "my checkout" / "requirements").mkdir(parents=True)
    for name in ("Makefile", "requirements/base.txt", "requirements/dev.txt"):
        shutil.copy(CHECKOUT / name, place / "my checkout" / name)
    return place / "my checkout"


def _make(clone: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(["make", "-C", str(clone), *argv], env=env, capture_output=True, text=True, check=False)


def test_make_says_which_python_it_needs(clone: Path) -> None:
    answer = _make(clone, "up", "PYTHON=")
    assert answer.returncode == 2
    assert "Guildhall needs Python 3.11, 3.12 or 3.13 and found none of them." in answer.stdout
    assert "apt install python3 python3-venv" in answer.stdout


def test_make_refuses_an_old_python(clone: Path) -> None:
    old = clone / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    answer = _make(clone, "test", f"PYTHON={old}")
    assert answer.returncode == 2
    assert f"{old} is Python 3.9.2; Guildhall needs Python 3.11, 3.12 or 3.13." in answer.stdout


def test_make_names_the_package_that_has_venv(clone: Path) -> None:
    bare = clone / "python3"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n')
    bare.chmod(0o755)
    answer = _make(clone, "demo", f"PYTHON={bare}")
    assert answer.returncode == 2
    assert f"{bare} has no venv module." in answer.stdout
    assert "apt install python3-venv, then make demo again." in answer.stdout

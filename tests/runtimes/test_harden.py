"""What CrewAI does on its own account when it is left alone, and does not do here."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Thief:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.putenv, ("UNPICKLED", "yes")


CODE = "from tests.runtimes.hardened_run import main; main()"  # without a file of its own, dotenv looks in the folder


def run(folder: Path, **environment: str) -> dict[str, Any]:
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    process = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=folder,
        env={**keep, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    found: dict[str, Any] = json.loads(process.stdout)
    return found


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A working directory with everything that CrewAI would read."""
    (tmp_path / ".env").write_text("STOLEN=yes\nOPENAI_API_KEY=stolen\n")
    (tmp_path / "trained_agents_data.pkl").write_bytes(pickle.dumps(Thief()))
    (tmp_path / "home").mkdir()
    return tmp_path


def test_a_run_writes_no_file_opens_no_socket_and_starts_no_thread_that_stays(trapped: Path) -> None:
    report = run(trapped, HOME=str(trapped / "home"), REDIS_URL="redis://127.0.0.1:9/0")
    assert report == {
        "importing": [],
        "running": [],
        "output": {"n": 1},
        "home_kept": True,
        "warn_kept": True,
        "threads": 0,
        "frozen": True,
        "stolen": False,
        "unpickled": "",
    }
    assert list((trapped / "home").iterdir()) == []
    assert sorted(path.name for path in trapped.iterdir()) == [".env", "home", "trained_agents_data.pkl"]


def test_a_home_that_cannot_be_written_is_no_obstacle_nor_is_a_thread_that_still_loads_crewai(trapped: Path) -> None:
    assert run(trapped, HOME="/proc/no-such-home", BEGINS_EARLY="yes")["output"] == {"n": 1}


def test_the_light_modules_do_not_load_crewai() -> None:
    code = "import sys, agents.runtimes.crew, agents.crewfiles.importing; sys.exit('crewai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_crewai_loaded_by_someone_else_is_refused() -> None:
    code = (
        "import sys, types; sys.modules['crewai'] = types.ModuleType('crewai')\n"
        "from agents.runtimes import harden\n"
        "try: harden.load()\nexcept harden.VendorMismatch: print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "refused\n"

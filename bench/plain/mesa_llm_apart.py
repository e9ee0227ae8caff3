"""mesa-llm in an environment of its own: made once under the data directory, from pinned versions with their hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from config.stack import paths

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "bench-mesa-llm.txt"
TOWN = Path(__file__).with_name("mesa_llm_town.py")
_PYTHONS = ("3.13", "3.12")  # mesa-llm's newest wants at least 3.12; on 3.11 it is its last version for that
_PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a town: wall-clock seconds, decisions taken, mesa-llm's version, share of like neighbours at the end."""

    seconds: float
    decisions: int
    version: str
    similarity: float


def play(url: str, *, side: int, residents: int, steps: int, seed: int) -> Played:
    """One town of mesa-llm's against the model server at `url`."""
    command = [str(_python()), "-P", str(TOWN), *map(str, (side, residents, steps, seed))]
    env = {**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-bench", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=_PATIENCE)
    return Played(**json.loads(done.stdout.splitlines()[-1]))


def _python() -> Path:
    """The interpreter of the environment, which is made where it is not there yet."""
    basis = _basis()
    mark = hashlib.sha256(REQUIREMENTS.read_bytes() + basis.encode()).hexdigest()[:12]
    home = paths.data_dir() / f"bench-mesa-llm-{mark}"
    python = home / "bin" / "python"
    done = home / "complete"
    if not done.exists():
        _uv("venv", "--quiet", "--allow-existing", "--python", basis, str(home))
        _uv("pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(REQUIREMENTS))
        done.touch()
    return python


def _basis() -> str:
    """The newest Python on this machine that mesa-llm's newest version runs on, else our own."""
    for version in _PYTHONS:
        named = shutil.which(f"python{version}")
        kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for found in [named, *map(str, kept)]:
            if found and _runs(found):
                return found
    return sys.executable


def _runs(python: str) -> bool:
    """A name on the path may be a stand-in that only says where else to look."""
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


def _uv(*arguments: str) -> None:
    subprocess.run([_uv_itself(), *arguments], check=True)


def _uv_itself() -> str:
    return str(Path(sys.executable).with_name("uv"))

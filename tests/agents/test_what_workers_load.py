"""What a worker for crews does not hold in memory: libraries that only other processes, or single doors, need. (NumPy it does: CrewAI loads it.)"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDLESS = {
    "chromadb.db.impl": "CrewAI's own memory",
    "config.urls": "all pages of the site, until a worker has to say where one is",
    "drf_spectacular.generators": "describes the API",
    "litellm": "CrewAI's other way to models",
    "mesa": "the simulation engine is compared with it",
    "onnxruntime": "CrewAI's own memory",
    "pandas": "of nobody here",
    "pyarrow": "files of plays",
    "scipy": "confidence of sweeps",
    "simulations.engine.hybrid": "plays",
}
CODE = """
import json, sys
from config.celery import app
app.loader.import_default_modules()
app.finalize()
import agents.execution.running, uvloop
from agents.runtimes.crew import warm_up
warm_up(for_good=True)
from agents.llm.types import Reply, Usage
from tests.runtimes.stage import Host, agent, crew, play, task

async def complete(request, *, call, on_text=None):
    return Reply("Done.", "memory", "m", Usage(1, 1))

result = play(crew(agent("one"), task("t1", "one"), task("t2", "one")), {}, complete=complete, tools={}, hooks=Host())
catalogs = [sys.modules["crewai_core.platform_catalog"].PLATFORM_CATALOG, sys.modules["crewai.llms.context_window"]._CATALOG]
print(json.dumps([result.output, catalogs, sorted(set(sys.argv[1:]) & set(sys.modules))]))
"""


def test_a_worker_for_crews_that_has_carried_out_a_run_holds_none_of_it() -> None:
    said = subprocess.check_output([sys.executable, "-c", CODE, *NEEDLESS], cwd=ROOT, text=True, timeout=300)
    assert json.loads(said.splitlines()[-1]) == ["Done.", [{}, {}], []]

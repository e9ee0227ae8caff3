from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from tests.simulations.plays import play
from tests.thorough import only_in_ci

STATM = Path("/proc/self/statm")


def one_run(seed: int) -> None:
    with play(seed=seed, size=30) as engine:
        bodies = engine.bodies()
        for cell in bodies.cells:  # what a Mesa author's agents would do, and what fills Mesa's caches
            assert len(cell.neighborhood) == 8
        engine.run_now(2)


def resident_megabytes() -> float:
    gc.collect()
    return int(STATM.read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(not STATM.exists(), reason="resident memory is read from /proc")
@pytest.mark.parametrize("runs", [25, pytest.param(100, marks=only_in_ci)])
def test_runs_leave_no_memory_behind(runs: int) -> None:
    """A run's 900 cells that stayed would be a megabyte. In a process of its own: other tests' memory comes and goes as it likes."""
    program = f"from tests.simulations.test_mesa import growth; print(growth({runs}))"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert float(said) < 10


def growth(runs: int) -> float:
    """Megabytes that so many runs add after the first five."""
    for seed in range(5):
        one_run(seed)
    before = resident_megabytes()
    for seed in range(runs):
        one_run(seed)
    return resident_megabytes() - before


def test_a_closed_model_is_forgotten() -> None:
    with play() as engine:
        bodies = engine.bodies()
        assert len(bodies.cells[0].neighborhood) == 8
        model, cell = weakref.ref(bodies.model), weakref.ref(bodies.cells[0])
    del engine, bodies
    gc.collect()
    assert (model(), cell()) == (None, None)


@pytest.mark.parametrize("chosen", ["None", "'fork'"])
def test_importing_the_adapter_leaves_the_way_of_starting_processes_alone(chosen: str) -> None:
    program = (
        "import multiprocessing as m, sys\n"
        f"if {chosen}: m.set_start_method({chosen})\n"
        "import simulations.engine.mesa_adapter\n"
        f"sys.exit(0 if m.get_start_method(allow_none=True) == {chosen} and 'mesa' in sys.modules else 1)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_reading_the_catalogue_does_not_import_mesa() -> None:
    program = "import sys; from simulations.scenarios import catalogue; catalogue(); sys.exit('mesa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

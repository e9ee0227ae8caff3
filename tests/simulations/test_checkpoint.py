from __future__ import annotations

import copy
import json
import subprocess
import sys
import zlib
from base64 import b64encode
from typing import Any

import numpy as np
import pytest

from simulations.engine import HybridSimulationEngine
from simulations.engine.errors import CheckpointRefused
from tests.simulations.plays import SCHELLING, play, results

GO_ON = """
import json, sys
from simulations.engine import HybridSimulationEngine
from simulations.scenarios import catalogue
for line in sys.stdin:
    with HybridSimulationEngine.restore(json.loads(line), catalogue()["schelling"]) as engine:
        print(json.dumps([engine.step_number, engine.run(12).digest, engine.latest.metrics]))
"""


def test_a_fresh_process_goes_on_from_any_step_to_the_same_end() -> None:
    with play(threshold=0.7) as engine:
        checkpoints = [engine.snapshot()]
        engine.run(12, watch=lambda _: checkpoints.append(engine.snapshot()))
        end = [engine.latest.digest, dict(engine.latest.metrics)]
    lines = "\n".join(json.dumps(checkpoint) for checkpoint in checkpoints[:-1])
    answer = subprocess.run([sys.executable, "-c", GO_ON], input=lines, capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in answer.stdout.splitlines()] == [[step, *end] for step in range(12)]


def test_every_step_after_a_restore_is_the_same_step() -> None:
    with play(threshold=0.7) as engine:
        engine.run(4)
        checkpoint = json.loads(json.dumps(engine.snapshot()))
        original = results(engine, 9)
    with HybridSimulationEngine.restore(checkpoint, SCHELLING) as restored:
        again = results(restored, 9)
        assert restored.world.state.versions.max() > 1
    assert [result.digest for result in again] == [result.digest for result in original]
    assert again[1:] == original[1:]


@pytest.fixture
def checkpoint() -> dict[str, Any]:
    with play() as engine:
        engine.run(2)
        return copy.deepcopy(engine.snapshot())


def _changed(checkpoint: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (checkpoint | change).items() if value is not ...}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "other/9"}, "This is not a checkpoint of the form guildhall.checkpoint/1."),
        ({"scenario": "wealth"}, "The checkpoint is of wealth 1.0.0, not of schelling 1.0.0."),
        ({"scenario_version": "0.1.0"}, "The checkpoint is of schelling 0.1.0, not of schelling 1.0.0."),
        ({"digest": "0" * 32}, "The checkpoint is damaged: its digest does not match its content."),
        ({"step": 3}, "The checkpoint is damaged: its digest does not match its content."),
        ({"seed": ...}, "The checkpoint is damaged: it lacks seed."),
        ({"state": {}}, "The checkpoint is damaged: its columns cannot be read."),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(
    checkpoint: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CheckpointRefused) as caught:
        HybridSimulationEngine.restore(_changed(checkpoint, change), SCHELLING)
    assert caught.value.detail == sentence


def test_a_column_that_unpacks_to_more_than_it_says_is_refused(checkpoint: dict[str, Any]) -> None:
    bomb = b64encode(zlib.compress(np.zeros(1 << 20, np.int64).tobytes())).decode()
    checkpoint["state"]["columns"]["cell"]["data"] = bomb
    with pytest.raises(CheckpointRefused, match="its columns cannot be read"):
        HybridSimulationEngine.restore(checkpoint, SCHELLING)


def test_a_resident_moved_outside_the_town_is_refused(checkpoint: dict[str, Any]) -> None:
    cells = np.arange(360, dtype="<u2")
    cells[5] = 400
    checkpoint["state"]["columns"]["cell"]["data"] = b64encode(zlib.compress(cells.tobytes())).decode()
    with pytest.raises(CheckpointRefused, match="its digest does not match"):
        HybridSimulationEngine.restore(checkpoint, SCHELLING)

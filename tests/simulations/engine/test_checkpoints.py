from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from simulations.engine import HybridSimulationEngine
from simulations.engine.checkpoints import Checkpoint
from simulations.engine.errors import CheckpointRefused
from simulations.scenarios import scenario_of
from tests.simulations.engine.small import scenario
from tests.simulations.plays import SCHELLING, play, results

GO_ON = """
import sys
from simulations.engine import HybridSimulationEngine
from simulations.scenarios import scenario_of
with HybridSimulationEngine.restore(sys.stdin.buffer.read(), scenario_of("schelling")) as engine:
    print(engine.step_number, engine.run_now(8).digest)
"""
SMALL: list[tuple[str, dict[str, Any]]] = [
    ("boltzmann", {"people": 40}),
    ("nowak-may", {"size": 10, "activation": "random"}),
    ("beer-game", {}),
    ("trading-floor", {}),
    ("supply-negotiation", {}),
    ("el-farol", {"people": 20}),
]


def test_a_fresh_process_goes_on_to_the_same_end() -> None:
    with play(threshold=0.7) as engine:
        engine.run_now(3)
        snapshot = engine.snapshot()
        digest = engine.run_now(8).digest
    answer = subprocess.run([sys.executable, "-c", GO_ON], input=snapshot, capture_output=True, check=True)
    assert answer.stdout.decode().split() == ["3", digest]


@pytest.mark.parametrize(("key", "parameters"), SMALL, ids=[key for key, _ in SMALL])
def test_from_every_step_a_play_goes_on_as_it_went(key: str, parameters: dict[str, Any]) -> None:
    spec = scenario_of(key)
    assert spec is not None
    with HybridSimulationEngine(spec, seed=4, parameters=parameters) as engine:
        snapshots = [engine.snapshot()]
        for step in range(1, 6):
            engine.run_now(step)
            snapshots.append(engine.snapshot())
        end = (engine.digest, engine.latest.metrics)
    for number, snapshot in enumerate(snapshots):
        with HybridSimulationEngine.restore(snapshot, spec) as again:
            assert (again.step_number, again.snapshot()) == (number, snapshot)
            assert (again.run_now(5).digest, again.latest.metrics) == end


def test_a_changed_parameter_an_act_and_a_message_are_kept() -> None:
    with play() as engine:
        engine.world.tell(3, "Welcome.")
        engine.world.state.commit()
        engine.turn_off({"threshold": 0.9})
        engine.run_now(2)
        snapshot, end = engine.snapshot(), engine.run_now(4).digest
    with HybridSimulationEngine.restore(snapshot, SCHELLING) as again:
        assert again.parameters["threshold"] == 0.9
        assert again.run_now(4).digest == end


@pytest.fixture
def snapshot() -> bytes:
    with play() as engine:
        engine.run_now(2)
        return engine.snapshot()


def _facts(**changes: Any) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        checkpoint = Checkpoint.unpack(data)
        facts = {name: value for name, value in {**checkpoint.facts, **changes}.items() if value is not ...}
        return Checkpoint(facts, checkpoint.columns).pack()

    return change


def _moved(data: bytes) -> bytes:
    checkpoint = Checkpoint.unpack(data)
    places = checkpoint.columns["column place"].copy()
    places[5] = 400
    return Checkpoint(checkpoint.facts, {**checkpoint.columns, "column place": places}).pack()


def _bomb(data: bytes) -> bytes:
    header = orjson.dumps({"facts": {}, "columns": [["column place", "<i4", [10**12]]]})
    content = struct.pack("<I", len(header)) + header
    return struct.pack("<4sQ", b"GHS2", 1 << 20) + zlib.compress(content + bytes(1 << 24))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: b"", "not a checkpoint"),
        (lambda data: b"\x80\x04" + data, "not a checkpoint"),
        (lambda data: data[:-20], "damaged: its content"),
        (lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:], "damaged"),
        (lambda data: data[:4] + struct.pack("<Q", 1 << 62) + data[12:], "at most 2048 MiB"),
        (_bomb, "damaged: its content"),
        (_facts(digest="0" * 32), "its digest does not match"),
        (_facts(step=3), "its digest does not match"),
        (_facts(seed=...), "it lacks seed"),
        (_facts(scenario=["wealth", "1.0.0", "blake2b:00"]), "of wealth 1.0.0"),
        (_facts(parts={}), "damaged: its content"),
        (_moved, "damaged"),
    ],
)
def test_what_is_no_checkpoint_or_damaged_is_refused(
    damage: Callable[[bytes], bytes], sentence: str, snapshot: bytes
) -> None:
    with pytest.raises(CheckpointRefused, match=sentence):
        HybridSimulationEngine.restore(damage(snapshot), SCHELLING)


def test_another_version_of_the_scenario_does_not_go_on(snapshot: bytes) -> None:
    with pytest.raises(CheckpointRefused, match=r"schelling-segregation 2.0.0"):
        HybridSimulationEngine.restore(snapshot, scenario())


def test_two_branches_share_the_past_and_the_chance() -> None:
    async def branches() -> tuple[list[str], list[str], list[str]]:
        with play(threshold=0.4) as trunk:
            await trunk.run(6)
            same = await trunk.fork(3)
            other = await trunk.fork(3, parameters={"threshold": 0.8})
            before = [same.digest, other.digest]
            await same.run(6)
            await other.run(6)
            return before, [same.digest, trunk.digest], [other.digest]

    before, same, other = asyncio.run(branches())
    with play(threshold=0.4) as engine:
        third = results(engine, 3)[-1].digest
    assert before == [third, third]
    assert same[0] == same[1] != other[0]

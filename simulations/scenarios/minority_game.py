"""The strategies of the minority game: tables that advise a side for every history of winners.

D. Challet and Y.-C. Zhang, Physica A 246 (1997) 407-418. Tables are drawn at the beginning and never change; their scores count how
often each would have been on the smaller side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.randomness import Chance
from simulations.engine.world.scene import Scene


class MinorityGame:
    """Gives each player the advice of its best strategy (the first drawn of equals) before it acts, and keeps the scores after."""

    def __init__(self, settings: Mapping[str, Any], chance: Chance) -> None:
        players, own = int(settings["players"]), int(settings["strategies"])
        self._histories = 1 << int(settings["memory"])
        cells = np.arange(players * own * self._histories, dtype=np.int64)
        sides = np.where(chance.draws("strategies", cells) < 0.5, np.int8(-1), np.int8(1))
        self._tables = sides.reshape(players, own, self._histories)
        self._scores = np.zeros((players, own), np.int64)
        self._history = int(chance.draw("history", 0) * self._histories)

    def begin(self, scene: Scene) -> None:
        """Advice for this step; players at the best score of several strategies take one of them at random."""
        players, own = self._scores.shape
        strategies = np.arange(players * own, dtype=np.int64)
        shaken = self._scores + 0.5 * scene.chance.draws("advice", strategies).reshape(players, own)
        best = shaken.argmax(axis=1)
        scene.shared.values["history"] = self._history
        scene.state.write("advice", self._tables[np.arange(players), best, self._history])

    def end(self, scene: Scene) -> None:
        """Score every strategy by the side that turned out smaller, and remember who won."""
        sides = scene.state["side"]
        smaller = -1 if sides.sum(dtype=np.int64) > 0 else 1
        self._scores += self._tables[:, :, self._history] == smaller
        scene.state.write("wins", scene.state["wins"] + (sides == smaller))
        self._history = ((self._history << 1) | (smaller > 0)) % self._histories

    def snapshot(self) -> dict[str, Any]:
        """The tables follow from the seed; scores and history do not."""
        return {"scores": self._scores.tolist(), "history": self._history}

    def restore(self, content: Mapping[str, Any]) -> None:
        self._scores[:] = content["scores"]
        self._history = content["history"]

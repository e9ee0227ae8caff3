"""How people at the El Farol bar predict its attendance: each by the linear predictor that was right most lately.

W. B. Arthur, American Economic Review 84 (1994) 406-411; linear predictors as D. B. Fogel, K. Chellapilla and P. J. Angeline,
IEEE Transactions on Evolutionary Computation 3 (1999) 142-146, with weights drawn evenly from -1 to 1 as in the usual teaching models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.randomness import Chance, Floats
from simulations.engine.world.scene import Scene


class ElFarol:
    """Gives everybody a forecast before they decide. A predictor is judged by its errors over the weeks that it reads."""

    def __init__(self, settings: Mapping[str, Any], chance: Chance) -> None:
        self._people, self._own = int(settings["people"]), int(settings["predictors"])
        self._memory = int(settings["memory"])
        cells = np.arange(self._people * self._own * (self._memory + 1), dtype=np.int64)
        weights = 2 * chance.draws("predictors", cells) - 1
        self._weights = weights.reshape(self._people, self._own, self._memory + 1)
        weeks = np.arange(2 * self._memory, dtype=np.int64)
        self._past = chance.draws("past", weeks) * self._people
        """Attendance of the last 2 x memory weeks, the newest first."""

    def begin(self, scene: Scene) -> None:
        """A forecast for everybody, from the best of their predictors."""
        errors = np.zeros((self._people, self._own))
        for week in range(self._memory):
            errors += np.abs(self._predictions(self._past[week + 1 :]) - self._past[week])
        best = errors.argmin(axis=1)
        forecasts = self._predictions(self._past)[np.arange(self._people), best]
        scene.state.write("forecast", np.clip(forecasts, 0, self._people))
        scene.shared.values["attendance"], scene.shared.values["before_last"] = self._past[:2].tolist()

    def _predictions(self, past: Floats) -> Floats:
        """Of every predictor of everybody, from the weeks at the beginning of `past`; the last weight is a constant."""
        read = past[: self._memory]
        predicted: Floats = self._weights[:, :, :-1] @ read + self._weights[:, :, -1] * self._people
        return predicted

    def end(self, scene: Scene) -> None:
        self._past = np.concatenate(([float(np.count_nonzero(scene.state["goes"]))], self._past[:-1]))

    def snapshot(self) -> list[float]:
        """The weights follow from the seed; the past does not."""
        past: list[float] = self._past.tolist()
        return past

    def restore(self, content: list[float]) -> None:
        self._past = np.asarray(content, np.float64)

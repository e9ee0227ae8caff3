"""From what many agents see to what is asked: who decides for whom, and each distinct situation once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.batches import Batch
from simulations.engine.decisions import DecisionPolicy, DecisionRequest, Word
from simulations.engine.keys import coalesce, key_maker
from simulations.engine.policies.hybrid import HybridPolicy
from simulations.engine.randomness import Ints

Part = tuple[DecisionPolicy, Ints]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is the same for all who are asked at once, and what is each one's own beside its observation.

    `salience` has a value for each agent of the batch; `messages` are by row, for those who were spoken to. `person`
    decides for the rows in `seated`, whatever policy the others follow.
    """

    scenario: str
    time: float = 0.0
    stage: str = ""
    salience: NDArray[Any] | None = None
    messages: Mapping[int, Sequence[str]] = field(default_factory=dict)
    seated: Collection[int] = ()
    person: DecisionPolicy | None = None

    @property
    def words(self) -> dict[str, Word]:
        return {"time": self.time, "stage": self.stage}


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests to one policy; `groups[i]` is the request that stands for the agent at `places[i]` of the batch."""

    policy: DecisionPolicy
    places: Ints
    requests: list[DecisionRequest]
    groups: Ints


def parts_of(policy: DecisionPolicy, batch: Batch, moment: Moment) -> list[Part]:
    """Who decides for which places of the batch, once every route was followed to its end."""
    everyone = np.arange(batch.rows.size)
    if moment.person is None or not moment.seated:
        return _parts(policy, everyone, batch, moment)
    sits = np.isin(batch.rows, list(moment.seated))
    return _parts(moment.person, everyone[sits], batch, moment) + _parts(policy, everyone[~sits], batch, moment)


def _parts(policy: DecisionPolicy, places: Ints, batch: Batch, moment: Moment) -> list[Part]:
    if not isinstance(policy, HybridPolicy):
        return [(policy, places)] if places.size else []
    taken = policy.route_columns(batch, places, salience=moment.salience, moment=moment.words)
    return [
        part for number, way in enumerate(policy.ways) for part in _parts(way, places[taken == number], batch, moment)
    ]


def ask_for(part: Part, batch: Batch, moment: Moment) -> Asked:
    """The distinct situations of these agents; where each is asked for itself, one for every agent."""
    policy, places = part
    first, groups = _grouped(policy, places, batch)
    counts = np.bincount(groups, minlength=first.size)
    key = key_maker(
        scenario=moment.scenario, archetype=batch.archetype, policy=policy.fingerprint, individual=policy.individual
    )
    requests = []
    for at, count in zip(places[first].tolist(), counts.tolist(), strict=True):
        seen, legal, row = batch.observation(at), batch.legal_at(at), int(batch.rows[at])
        requests.append(
            DecisionRequest(
                key=key(seen, legal, row, batch.step),
                archetype=batch.archetype,
                row=row,
                count=count,
                observation=seen,
                legal=legal,
                step=batch.step,
                time=moment.time,
                stage=moment.stage,
                salience=0.0 if moment.salience is None else float(moment.salience[at]),
                messages=tuple(moment.messages.get(row, ())) if policy.individual else (),
            )
        )
    return Asked(policy, places, requests, groups)


def _grouped(policy: DecisionPolicy, places: Ints, batch: Batch) -> tuple[Ints, Ints]:
    if policy.individual:
        everyone = np.arange(places.size)
        return everyone, everyone
    columns = [column[places] for column in (*batch.fields.values(), batch.legal)]
    return coalesce(columns, places.size)

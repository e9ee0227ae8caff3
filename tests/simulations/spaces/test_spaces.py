"""What every space answers: neighbours in bulk and one by one, moves, room, snapshots, the same for the same seed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from simulations.engine.randomness import Chance
from simulations.engine.spaces import (
    NOWHERE,
    ContinuousPlan,
    GridPlan,
    NetworkPlan,
    NetworkSpace,
    NoSpace,
    PlaceTaken,
    Plan,
    Space,
    SpaceRefused,
    build_space,
)

PLANS: dict[str, Plan] = {
    "grid": GridPlan(9, 8),
    "edges": GridPlan(9, 8, torus=False, neighborhood="hex", radius=2),
    "shared": GridPlan(5, 4, capacity=None),
    "three": GridPlan(5, 4, torus=False, capacity=3),
    "network": NetworkPlan("small_world", 40, degree=4, probability=0.3),
    "far": NetworkPlan("scale_free", 40, radius=2),
    "complete": NetworkPlan("complete", 40),
    "nodes": NetworkPlan("ring", 15),
    "torus": ContinuousPlan(10, 4, radius=1.7),
    "plane": ContinuousPlan(10, 4, radius=1.7, torus=False),
    "thin": ContinuousPlan(3, 3, radius=1.4),
    "none": NoSpace(),
}
ROWS = np.arange(40)


def settled(name: str, seed: int = 3) -> Space:
    space = build_space(PLANS[name], Chance(seed, 0), 40)
    space.scatter(ROWS, Chance(seed, 0))
    return space


def listed(space: Space, rows: np.ndarray = ROWS) -> list[list[int]]:
    found, mask = space.neighbors(rows).padded()
    return [found[mask[:, at], at].tolist() for at in range(rows.size)]


@pytest.mark.parametrize("name", PLANS)
def test_in_bulk_and_one_by_one_neighbours_are_the_same(name: str) -> None:
    space = settled(name)
    assert listed(space) == [space.neighbors_of(row) for row in range(40)]
    if name == "none":
        return
    space.remove(7)
    for row in range(5):
        space.move(row, space.random_neighbor(row, 0.6))
    space.extend(2)
    some = np.asarray([40, 3, 0, 21] if name == "complete" else [40, 3, 0, 7, 21])
    assert listed(space, some) == [space.neighbors_of(row) for row in some.tolist()]
    assert space.neighbors_of(7) == []
    _, mask = space.neighbors(some, and_self=True).padded()
    assert mask[0].all() or name == "complete"


@pytest.mark.parametrize("name", ["torus", "plane", "thin"])
def test_neighbours_in_a_plane_are_those_within_the_radius(name: str) -> None:
    space, plan = settled(name), PLANS[name]
    assert isinstance(plan, ContinuousPlan)
    at = np.stack([space.column("x"), space.column("y")], axis=1)
    gaps = np.abs(at[:, np.newaxis] - at)
    if plan.torus:
        gaps = np.minimum(gaps, np.asarray([plan.width, plan.height]) - gaps)
    close = ((gaps**2).sum(axis=2) <= plan.radius**2) & ~np.eye(40, dtype=bool)
    assert listed(space) == [np.flatnonzero(line).tolist() for line in close]
    assert close.any()


@pytest.mark.parametrize("name", [name for name in PLANS if name != "none"])
def test_a_snapshot_and_the_columns_say_all(name: str) -> None:
    space = settled(name)
    space.move(5, space.random_neighbor(5, 0.2))
    space.remove(9)
    if isinstance(space, NetworkSpace) and not space.complete:
        space.extend(1)
        space.link(0, 40)
    again = settled(name, seed=3)
    again.restore({column.name: space.column(column.name).copy() for column in space.columns}, space.snapshot())
    rows = range(space.rows)
    assert [again.neighbors_of(row) for row in rows] == [space.neighbors_of(row) for row in rows]
    assert again.empty_count == space.empty_count
    if isinstance(space, NetworkSpace) and isinstance(again, NetworkSpace):
        assert again.fingerprint == space.fingerprint
        assert bool(space.fingerprint) is not space.complete


def test_the_same_seed_gives_the_same_network_and_another_seed_another() -> None:
    for kind in ("small_world", "scale_free", "random"):
        plan = NetworkPlan(kind, 200, probability=0.05, degree=4)
        first, again, other = (build_space(plan, Chance(seed, 0), 200).topology()["edges"] for seed in (1, 1, 2))
        assert first == again
        assert first != other


def test_networks_are_as_their_authors_say() -> None:
    def degrees(**plan: object) -> np.ndarray:
        space = build_space(NetworkPlan(nodes=3000, **plan), Chance(5, 0), 3000)  # type: ignore[arg-type]
        counts: np.ndarray = space.neighbors(np.arange(3000)).count()
        return counts

    rewired = degrees(kind="small_world", degree=6, probability=0.1)
    assert (rewired.sum(), rewired.min() >= 3, rewired.max() > 6) == (18_000, True, True)
    preferred = degrees(kind="scale_free", links=2)
    assert preferred.sum() == 2 * (2 + 2 * 2997)
    assert preferred.max() > 60
    drawn = degrees(kind="random", probability=0.004)
    assert abs(drawn.mean() - 0.004 * 2999) < 0.4
    assert abs(drawn.var() / drawn.mean() - 1) < 0.1


def test_links_come_and_go() -> None:
    space = build_space(NetworkPlan("line", 4), Chance(1, 0), 4)
    assert isinstance(space, NetworkSpace)
    assert (space.link(0, 3), space.link(3, 0), space.unlink(1, 2), space.unlink(1, 2)) == (True, False, True, False)
    assert listed(space, np.arange(4)) == [[1, 3], [0], [3], [0, 2]]
    changed = space.fingerprint
    space.unlink(3, 0)
    space.link(2, 1)
    assert (changed != 0, space.fingerprint) == (True, 0)
    with pytest.raises(PlaceTaken, match="two different nodes"):
        space.link(2, 2)


def test_room_is_kept() -> None:
    space = build_space(GridPlan(2, 2, capacity=2), Chance(1, 0), 9)
    space.scatter(np.arange(8), Chance(1, 0))
    assert (space.empty_count, space.fits(0), space.random_neighbor(0, 0.5)) == (0, False, space.place_of(0))
    for refused in (
        lambda: space.move(8, 0),
        lambda: space.random_empty(0.5),
        lambda: space.place(ROWS[8:9], ROWS[3:4]),
    ):
        with pytest.raises(PlaceTaken):
            refused()
    assert space.place_of(8) == NOWHERE
    with pytest.raises(PlaceTaken, match="room for 8 agents, not for 9"):
        build_space(GridPlan(2, 2, capacity=2), Chance(1, 0), 9).scatter(np.arange(9), Chance(1, 0))


def test_the_nth_empty_place_depends_only_on_which_are_empty() -> None:
    space = build_space(GridPlan(10, 10), Chance(1, 0), 60)
    space.scatter(np.arange(60), Chance(1, 0))
    for row in range(30):
        space.move(row, space.random_empty(row / 30))
    empty = sorted(set(range(100)) - set(space.column("place").tolist()))
    assert [space.random_empty((at + 0.5) / 40) for at in range(40)] == empty
    some = space.empties(15, Chance(1, 1))
    assert set(some.tolist()) < set(empty)
    assert len(set(space.empties(99, Chance(1, 1)).tolist())) == 40


def test_points_wrap_or_stop_at_the_edge() -> None:
    for name, place in (("torus", (0.5, 3.5)), ("plane", (10.0, 0.0))):
        space = settled(name)
        space.move(0, (10.5, -0.5))
        assert space.place_of(0) == place
    with pytest.raises(PlaceTaken, match="must be numbers"):
        settled("torus").move(0, (float("nan"), 0))


@pytest.mark.parametrize(
    ("plan", "path", "said"),
    [
        (lambda: GridPlan(10**5, 10**5), "environment.shape", "4,000,000"),
        (lambda: GridPlan(5, 5, neighborhood="hex"), "environment.shape", "even number of rows"),
        (lambda: GridPlan(5, 5, radius=51), "environment.radius", "between 1 and 50"),
        (lambda: NetworkPlan("edges", 3, edges=((0, 1), (1, 3))), "environment.network.edges.1", "between 0 and 2"),
        (lambda: NetworkPlan("edges", 3, edges=((1, 1),)), "environment.network.edges.0", "linked to itself"),
        (lambda: NetworkPlan("random", 10**6, probability=0.5), "environment.network", "20,000,000"),
        (lambda: NetworkPlan("ring", 9, degree=3), "environment.network.degree", "even"),
        (lambda: NetworkPlan("random", 9, probability=-0.1), "environment.network.probability", "between 0 and 1"),
        (lambda: ContinuousPlan(4, 4, 3), "environment.radius", "at most half"),
    ],
)
def test_what_cannot_be_built_is_refused_with_path_and_limit(plan: object, path: str, said: str) -> None:
    with pytest.raises(SpaceRefused, match=said) as refused:
        plan()  # type: ignore[operator]
    assert refused.value.refusal.path == path


def test_a_million_agents_are_not_gone_through_one_by_one() -> None:
    with calls_of_functions() as counted:
        space = build_space(GridPlan(1000, 1000, capacity=None), Chance(1, 0), 1_000_000)
        space.fill(np.arange(1_000_000))
        assert space.neighbors(np.arange(1000)).count().tolist() == [8] * 1000
    assert 0 < counted["call"] + counted["c_call"] < 1_000


@contextmanager
def calls_of_functions() -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()

    def note(_frame: object, event: str, _what: object) -> None:
        counted[event] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(before)

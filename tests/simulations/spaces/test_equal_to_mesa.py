"""Neighbourhoods are Mesa's, and bodies follow."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import numpy as np
import pytest

from simulations.engine.mesa_adapter import MOST_BODIES, Bodies, TooManyBodies
from simulations.engine.randomness import Chance
from simulations.engine.spaces import ContinuousPlan, GridPlan, NetworkPlan, NetworkSpace, Space, build_space
from simulations.engine.spaces.plans import NetworkKind

CHANCE = Chance(7, 0)
KINDS: tuple[NetworkKind, ...] = ("complete", "ring", "small_world", "scale_free", "random", "cliques", "star", "line")


@contextmanager
def bodies_of(space: Space) -> Iterator[Bodies]:
    bodies = Bodies(space)
    try:
        yield bodies
    finally:
        bodies.release()


def mesa_cells(bodies: Bodies, radius: int) -> list[list[int]]:
    """For each cell the numbers of the others around it, as Mesa sees them."""
    numbers = {id(cell): number for number, cell in enumerate(bodies.cells)}
    return [
        sorted(numbers[id(near)] for near in cell.get_neighborhood(radius).cells if near is not cell)
        for cell in bodies.cells
    ]


@pytest.mark.parametrize("neighborhood", ["moore", "von_neumann", "hex"])
def test_cells_of_a_grid(neighborhood: str) -> None:
    sizes = ((1, 2), (2, 4), (3, 4), (7, 6))
    for (width, height), torus, radius in product(sizes, (True, False), (1, 2)):
        space = build_space(GridPlan(width, height, torus, neighborhood, radius), CHANCE, 0)  # type: ignore[arg-type]
        with bodies_of(space) as bodies:
            ours = [sorted(space.lattice.beside(cell)) for cell in range(width * height)]  # type: ignore[attr-defined]
            assert ours == mesa_cells(bodies, radius), (width, height, torus, radius)


@pytest.mark.parametrize("radius", [1, 2])
def test_nodes_of_a_network_also_after_links_changed(radius: int) -> None:
    for kind in KINDS:
        space = build_space(NetworkPlan(kind, 24, degree=4, radius=radius), CHANCE, 24)
        assert isinstance(space, NetworkSpace)
        with bodies_of(space) as bodies:
            assert [space.neighbors_of(row) for row in range(24)] == mesa_cells(bodies, radius), kind
            if kind == "complete":
                continue
            space.link(1, 17)
            space.extend(1)
            space.link(24, 3)
            space.unlink(0, 1)
            bodies.follow()
            assert [space.neighbors_of(row) for row in range(25)] == mesa_cells(bodies, radius), kind


def test_bodies_are_where_their_rows_are() -> None:
    space = build_space(GridPlan(4, 3), CHANCE, 12)
    space.fill(np.arange(12))
    with bodies_of(space) as bodies:
        places = np.roll(np.arange(12), 5)
        space.place(np.arange(12), places)  # everyone into a cell that was full
        bodies.follow()
        assert [bodies[row].cell.coordinate for row in range(12)] == [(place % 4, place // 4) for place in places]
        space.remove(3)
        bodies.follow()
        assert bodies[3].cell is None
        assert not bodies.cells[places[3]].agents


def test_no_class_is_left_behind_for_pickling() -> None:
    before = len(copyreg.dispatch_table)
    with bodies_of(build_space(GridPlan(4, 3), CHANCE, 0)):
        assert len(copyreg.dispatch_table) == before + 1
    assert len(copyreg.dispatch_table) == before


def test_without_sites_bodies_have_no_cells() -> None:
    with bodies_of(build_space(ContinuousPlan(1, 1, 0.1), CHANCE, 3)) as bodies:
        assert (len(bodies), bodies.cells, len(bodies.model.agents)) == (3, [], 3)


def test_a_crowd_has_no_bodies() -> None:
    with pytest.raises(TooManyBodies, match="20,000, not for 20,001"):
        Bodies(build_space(GridPlan(200, 200), CHANCE, MOST_BODIES + 1))
